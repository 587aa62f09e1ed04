"""Visitors without a browser: a class that opens the lab, over the real websocket protocol.

visitor.py     one visitor: what a browser sends and receives
changes.py     what a visitor can change on the page that is open, and the message for it
classroom.py   many visitors at once, and what they saw
cost.py        one visitor alone: what one change costs the server
    figures.py     the same with goals, for `python -m benchmarks`
"""

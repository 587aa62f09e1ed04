"""What each page says: its state, its words, its tables and figures; one module per page.

A page's script in ``pages/`` reads top to bottom and takes everything else from here. Two pages
have several parts, each a module of its own: ``modes/`` and ``placement/``.
"""

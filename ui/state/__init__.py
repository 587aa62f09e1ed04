"""A page's record: its fields, its address, its history, and the widgets that edit it."""

"""A page that breaks in front of a visitor."""

secret = 1
secret / 0

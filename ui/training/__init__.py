"""Runs and checks of real layers, as a page shows them."""

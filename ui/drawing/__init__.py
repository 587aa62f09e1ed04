"""Arrays in, pictures out: figures, grids, colours."""

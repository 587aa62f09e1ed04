"""What developers run by hand: the README's table, screenshots."""

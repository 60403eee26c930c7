"""Finding the addresses of a game that nobody has described yet."""

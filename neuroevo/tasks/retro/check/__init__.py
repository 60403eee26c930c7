"""What can be wrong with a game and its files, told before a night is lost."""

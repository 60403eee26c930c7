"""What an episode is worth, and when it ends."""

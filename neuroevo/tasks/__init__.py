"""What networks are scored on: retro games, XOR, double pole, Gymnasium."""

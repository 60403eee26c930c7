"""What the outputs press."""

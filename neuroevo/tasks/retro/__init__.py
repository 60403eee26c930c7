"""Games on a real emulator: the only room that imports stable-retro."""

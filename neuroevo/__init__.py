"""neuroevo evolves players for retro games. See ``neuroevo --help`` and the README."""

__version__ = "0.1.0"

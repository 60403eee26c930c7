"""Makes ``python -m neuroevo`` the same as the ``neuroevo`` command."""

from neuroevo.cli.main import main

if __name__ == "__main__":  # a spawned worker imports this module again
    main()

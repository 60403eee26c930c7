"""The compiled loops of the NEAT core: all of numba in this room, on arrays and scalars only.

``arrays`` names what they work on; ``marks``, ``attributes``, ``structure`` and ``breeding`` make a
generation, each calling the ones before it; ``operators`` does so for one genome; ``distances``
compares genomes. How they are compiled says :mod:`neuroevo.compiling`. Sums run in the order of the
genes and random numbers are drawn one by one from the run's generator, in the order that NumPy
would draw them, so results depend neither on vector width nor on threads.
"""

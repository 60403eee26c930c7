"""The runnable phenotype: a genome compiled to flat arrays and the kernels that run them.

Import from the modules; this package itself stays light, so that naming it never loads Numba.
"""

"""Evaluation: genomes in, evaluations out, in the same order, from one process or many."""

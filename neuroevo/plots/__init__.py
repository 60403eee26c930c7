"""Figures of a run, drawn from its log alone.

Every plot is a pair: ``*_data(records)`` turns log records into plain arrays, ``draw_*(figure,
runs)`` draws them. :mod:`neuroevo.plots.figures` makes the files. The room knows the run log and
matplotlib's figures; it never touches pyplot, a genome, a task or a run in progress. Nothing is
smoothed and nothing is filled in: what the log lacks, the picture lacks.
"""

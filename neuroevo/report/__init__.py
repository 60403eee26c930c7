"""Reports: what a run was, made from its files only."""

"""What lies on the disk: checkpoints, genome files, run logs, run directories."""

"""NEAT: genomes, their variation, species and reproduction; numpy and nothing of games."""

"""What model families are built from: the space they work in, a Ward tree, mixtures by EM, and
placements of stores.
"""

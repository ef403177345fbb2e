"""Judging candidates: criteria in one common space, scores on unseen data, and the choice of k."""

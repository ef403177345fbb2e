"""Clusters for stores that come after a run: the same preprocessing, models and rules, nothing
fitted again.
"""

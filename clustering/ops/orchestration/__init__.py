"""Dagster: the stages of the registry as assets, and its web page."""

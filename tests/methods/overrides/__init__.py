"""Overrides: mistakes are named, the rest is applied and priced."""

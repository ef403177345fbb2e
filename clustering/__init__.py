"""Store clustering for retail: clusters of stores by need-state mix and by surroundings, merged."""

__version__ = "0.1.0"

"""Sweeps: one folder a scenario, a record of how each ended, and the leaderboard at the end."""

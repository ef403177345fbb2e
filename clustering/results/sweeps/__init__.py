"""Sweeps: one folder per scenario, a record of each, and the leaderboard."""

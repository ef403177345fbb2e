"""The sample shop with known clusters."""

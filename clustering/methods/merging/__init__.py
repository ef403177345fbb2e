"""How merged clusters are joined and repaired, category by category."""

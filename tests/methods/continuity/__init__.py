"""Numbers and names that last from one clustering to the next."""

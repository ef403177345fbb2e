"""From values to coordinates: one concept per file, put together in `fitted`."""

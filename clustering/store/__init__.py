"""What a run leaves: tables, manifests, models, versions."""

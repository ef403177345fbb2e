"""What `check` says of the inputs before anything runs."""

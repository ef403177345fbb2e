"""What stages are made of, free of files."""

"""What is fresh, and how stages are run."""

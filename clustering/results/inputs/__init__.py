"""What `check` shows about the inputs."""

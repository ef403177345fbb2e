"""What a run leaves for those who operate it: a log file, alerts, metrics for Prometheus."""

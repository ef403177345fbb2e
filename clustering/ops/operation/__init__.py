"""What a run leaves for operators: a log file, alerts, metrics for Prometheus."""

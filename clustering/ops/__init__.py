"""Logs, alerts, metrics and Dagster."""

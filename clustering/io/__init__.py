"""The outside: inputs, databases and sinks."""

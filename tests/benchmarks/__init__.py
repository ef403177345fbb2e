"""Speed and memory beside rivals measured in the same run: `nox -s bench` or `python -m
tests.benchmarks --help`.
"""

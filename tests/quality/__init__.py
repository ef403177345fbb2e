"""How good the clusters are: `python -m tests.quality` prints our default beside rivals measured in
the same run.
"""

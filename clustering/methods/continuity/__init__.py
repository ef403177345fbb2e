"""What stays the same from one clustering to the next: numbers, names, and the stores that have no
reason to move.
"""

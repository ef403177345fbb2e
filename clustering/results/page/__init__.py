"""The report: one HTML file with everything in it, and its tables and figures beside it. Only reads
what stages wrote.
"""

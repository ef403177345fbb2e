"""Clusters for other people's tools: tidy tables, workbooks, a file for planogram systems. Only
reads what stages wrote.
"""

"""Clusters for other tools: plain tables, workbooks, a planogram file."""

"""The stages: plain functions from tables to tables. None of them opens a file, prints, or imports
another.
"""

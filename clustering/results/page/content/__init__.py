"""What the page is given: the pipeline's tables, column by column, in the shape of
app/src/data/types.ts.
"""

"""Which cluster a store goes to, by which rule, and how sure that is; for the stores of a run and
for any that come later.
"""

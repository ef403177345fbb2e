"""One pass over the sales rows: check, map SKU to need state, sum per store and need state in
bounded memory.
"""

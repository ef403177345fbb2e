"""What merchants decide against or beside the model, as rows they own: checked, replayed on every
run, priced.
"""

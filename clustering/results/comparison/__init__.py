"""Several runs side by side: what differs in their settings, how good each is, how far they
agree.
"""

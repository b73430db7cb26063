"""Opened pieces of counted lots: a vial, a bottle, a test kit that is used bit by bit, and no longer than it keeps.

The ledger counts whole pieces: opening takes one out of what is available, the last drop takes it away. What is left in
between is kept here.
"""

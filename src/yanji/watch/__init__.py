"""Sees what happens while it happens: the end of the log, and who is told of it."""

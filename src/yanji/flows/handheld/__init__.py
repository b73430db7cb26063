"""Whole flows by scanning alone: what was scanned says what it is for, and one act does it."""

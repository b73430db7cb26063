"""Counting: what lies on the shelves is compared with what the ledger says, while the store works."""

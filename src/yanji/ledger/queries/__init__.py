"""Every question that can be asked of the ledger; each is a constant number of statements."""

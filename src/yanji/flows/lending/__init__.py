"""One department lends to another; the debt is settled in kind, or by the store at the borrower's charge."""

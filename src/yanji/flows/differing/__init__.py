"""What reached a department otherwise than it was handed over, open at the store until it is settled."""

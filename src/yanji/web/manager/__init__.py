"""Pages of those who answer for others' work: what waits for their approval."""

"""Invoices: each serial number that is charged must have been ordered at this price, received, and charged once."""

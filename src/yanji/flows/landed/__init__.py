"""Landed cost: what freight, duty and insurance add to each unit. The ledger's cost stays what was paid for the goods."""

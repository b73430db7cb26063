"""Pages of a count: begin one, scan on a phone, look at what differs, plan what comes next, see how right the ledger is."""

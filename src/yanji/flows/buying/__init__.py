"""Buying: what is needed becomes a request, then an order at a contract's price, which the supplier answers."""

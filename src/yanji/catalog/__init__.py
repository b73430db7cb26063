"""What things are: items, their packages and codes, makers, suppliers, prices and papers."""

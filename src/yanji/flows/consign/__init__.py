"""Goods that are here and belong to a supplier: consignment, loan sets, title at use, what is owed and its settlement."""

"""Goods go back to their supplier: asked for, approved, authorised by the supplier, sent, and credited."""

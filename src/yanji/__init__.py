"""Yanji 雁迹: one identity, one state and one life line for every unit a hospital group stocks."""

__version__ = "0.1.0"

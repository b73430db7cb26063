"""Several requisitions of a store are picked in one walk."""

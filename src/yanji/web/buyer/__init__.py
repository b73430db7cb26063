"""Pages of the buyer: orders and what suppliers announce."""

"""Pages of suppliers' people: their own orders, deliveries, goods and papers."""

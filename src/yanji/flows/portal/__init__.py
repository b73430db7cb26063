"""What suppliers do and see themselves: their own orders, deliveries, goods and papers, and nothing else."""

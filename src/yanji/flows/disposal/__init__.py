"""What is destroyed or given up for good: asked for, approved by its value, signed by two, taken away with a certificate."""

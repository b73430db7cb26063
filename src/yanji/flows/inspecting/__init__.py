"""What is looked at when goods arrive: plans as data, samples by the standard's tables, what was found kept."""

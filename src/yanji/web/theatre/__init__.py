"""Pages of the theatre: the case with its cart and its account, what is used first, cards, implants, charges."""

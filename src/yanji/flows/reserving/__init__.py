"""What lies in a store is kept for a case or a requisition, until a moment or until it is given free."""

"""What a department should hold, the lists it asks by, and what it should ask for now."""

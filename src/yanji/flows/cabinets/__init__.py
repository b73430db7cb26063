"""Smart cabinets: who opened the door, what was taken and what was put back, from the tags inside."""

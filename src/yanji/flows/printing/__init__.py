"""Labels of units, places, boxes and kits: one template and one subject become a PDF, ZPL or a picture of the same label."""

"""What the flow pages of all audiences share: what a form sent, what was scanned, and who may open a page."""

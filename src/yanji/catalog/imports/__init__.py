"""Tables and registry files that fill the catalogue."""

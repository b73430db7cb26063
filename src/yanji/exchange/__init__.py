"""How other systems speak with Yanji."""

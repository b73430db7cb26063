"""Where things are: one tree of places, real and virtual."""

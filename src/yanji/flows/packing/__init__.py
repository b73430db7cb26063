"""Boxes, pallets and kits: many things that move by one scan.

Which place a box is at is not kept: it is where most of its things are. So no move of a single thing has to look for a
box to bring up to date, and a thing that went its own way shows as taken out - the seal is broken - by itself.
"""

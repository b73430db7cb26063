"""`yanji import places FILE`: a table of places, shown first, imported with --yes."""

from yanji.access.management.tables import ImportTable
from yanji.places.sheet import SHEET


class Command(ImportTable):
    help = "Import a table of places."
    sheet = SHEET

"""`yanji import people FILE`: a table of people, shown first, imported with --yes."""

from yanji.access.management.tables import ImportTable
from yanji.access.sheet import SHEET


class Command(ImportTable):
    help = "Import a table of people."
    sheet = SHEET

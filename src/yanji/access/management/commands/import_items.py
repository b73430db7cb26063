"""`yanji import items FILE`: a table of items, shown first, imported with --yes."""

from yanji.access.management.tables import ImportTable
from yanji.catalog.imports.items import SHEET


class Command(ImportTable):
    help = "Import a table of items."
    sheet = SHEET

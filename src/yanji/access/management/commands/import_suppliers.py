"""`yanji import suppliers FILE`: a table of suppliers, shown first, imported with --yes."""

from yanji.access.management.tables import ImportTable
from yanji.catalog.imports.suppliers import SHEET


class Command(ImportTable):
    help = "Import a table of suppliers."
    sheet = SHEET

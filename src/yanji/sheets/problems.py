"""What can be wrong with a file or a row. Problems are stored as code and detail, and worded when they are read."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: ``column`` is a field name or empty, ``detail`` what was found or what would do."""

    code: str
    column: str = ""
    detail: str = ""

    def sentence(self) -> str:
        """The sentence for a person, in the current language."""
        template = SENTENCES.get(self.code)
        return _(template) % {"detail": self.detail} if template else self.code

    def stored(self) -> dict[str, str]:
        return {"code": self.code, "column": self.column, "detail": self.detail}


class BadFile(Exception):
    """The file as a whole cannot be used; ``problem`` says why and what to do."""

    def __init__(self, code: str, detail: object = "") -> None:
        self.problem = Problem(code, detail=str(detail))
        super().__init__(code)


# Packages add the sentences of their own rules.
SENTENCES: dict[str, str] = {
    # The file
    "file_missing": gettext_noop("No file was chosen. Choose one."),
    "file_empty": gettext_noop("The file is empty. Choose another one."),
    "file_too_large": gettext_noop("The file is larger than %(detail)s MB. Split it."),
    "file_type": gettext_noop("This is neither a CSV file nor an Excel sheet. Save the table as .xlsx or .csv."),
    "file_damaged": gettext_noop("The file cannot be opened: it is damaged, or locked with a password. Save it anew."),
    "file_encoding": gettext_noop("The text is neither UTF-8 nor GB 18030. Save it as “CSV UTF-8”, or as .xlsx."),
    "too_many_rows": gettext_noop("The table has more than %(detail)s rows. Split it."),
    "too_many_columns": gettext_noop("The table has more than %(detail)s columns. Keep those of the template."),
    "header_missing": gettext_noop("The first row must hold the column titles. Missing: %(detail)s."),
    "header_twice": gettext_noop("The column “%(detail)s” is there twice. Keep one."),
    "no_rows": gettext_noop("There is no row below the titles."),
    # A cell
    "required": gettext_noop("must not be empty"),
    "too_long": gettext_noop("is longer than %(detail)s characters"),
    "control_characters": gettext_noop("holds characters that cannot be seen. Type it again"),
    "markup": gettext_noop("holds HTML. Write plain text"),
    "formula": gettext_noop("holds a formula. Write its result"),
    "shortened_number": gettext_noop(
        "was shortened by the spreadsheet to “%(detail)s”. Format the column as text and type it in full"
    ),
    "not_a_number": gettext_noop("“%(detail)s” is not a number"),
    "not_whole": gettext_noop("“%(detail)s” is not a whole number from 1 on"),
    "not_an_amount": gettext_noop("“%(detail)s” is not an amount: zero or more, two decimals at most"),
    "not_a_day": gettext_noop("“%(detail)s” is not a day. Write it as 2026-01-31"),
    "not_a_flag": gettext_noop("“%(detail)s” is neither yes nor no"),
    "not_a_choice": gettext_noop("must be one of: %(detail)s"),
    # A row
    "duplicate_row": gettext_noop("is the same as row %(detail)s. Keep one"),
    "days_out_of_order": gettext_noop("The last day lies before the first one"),
    "needs_other": gettext_noop("needs “%(detail)s” as well"),
}  # fmt: skip

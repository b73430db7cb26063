"""The empty table that people fill in: titles, one example, lists to choose from, and a remark on each column."""

import io

import xlsxwriter
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .batches import Sheet

_LAST_ROW = 50_000


def template(sheet: Sheet) -> bytes:
    """An .xlsx file in the reader's language that :func:`read_table` reads back."""
    english = (get_language() or "").startswith("en")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        # Text: a spreadsheet must not turn a long code into 6.9E+12.
        head = book.add_format(
            {"bold": True, "bg_color": "#0b6e69", "font_color": "#ffffff", "num_format": "@"}
        )
        plain = book.add_format({"num_format": "@"})
        grey = book.add_format({"num_format": "@", "font_color": "#888888"})
        page = book.add_worksheet(sheet.kind)
        page.freeze_panes(1, 0)
        for index, column in enumerate(sheet.columns):
            title = (column.en if english else column.zh) + (" *" if column.required else "")
            page.set_column(index, index, max(12, 2 * len(title), len(column.example) + 2), plain)
            page.write_string(0, index, title, head)
            page.write_string(1, index, column.example, grey)
            if column.choices:
                page.data_validation(
                    1, index, _LAST_ROW, index, {"validate": "list", "source": list(column.choices)}
                )
        page.write_comment(
            0,
            0,
            _(
                "Columns with a star must be filled. Replace the example row. Leave other columns out if you like."
            ),
        )
    return out.getvalue()

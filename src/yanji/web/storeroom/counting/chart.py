"""The accuracy over time as a chart."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from yanji.flows.counting.accuracy import Accuracy, together

TONES = {"A": "teal", "B": "info", "C": "soon"}


def accuracy_lines(rows: Sequence[Accuracy]) -> dict[str, Any]:
    """Pieces right in per cent, a line a class, month by month; empty months are bridged."""
    months = sorted({row.month for row in rows})
    classes = sorted({row.abc for row in rows if row.abc})
    return {
        "kind": "shares",
        "label": _("Pieces that were exactly as recorded, by month and class"),
        "names": [f"{month:%Y-%m}" for month in months],
        "series": [
            {
                "name": _("Class %(abc)s") % {"abc": abc},
                "tone": TONES[abc],
                "rows": [_percent([row for row in rows if row.month == month and row.abc == abc]) for month in months],
            }
            for abc in classes
        ],
    }  # fmt: skip


def _percent(rows: Sequence[Accuracy]) -> float | None:
    share = together(rows).percent
    return None if share is None else float(share)

"""The forms of who lays down how labels look."""

from collections.abc import Callable
from typing import Any

from tests.makers import unique
from tests.web.forms.desk import Desk, Form, key
from yanji.flows.printing.keep import save_template, shipped

AT = "/masterdata/label-templates"
ROW = {
    "zh": "文",
    "en": "Text",
    "x": "2",
    "y": "2",
    "w": "50",
    "h": "3",
    "size": "2.5",
    "lines": "1",
    "align": "left",
}


def _typed(d: Desk) -> dict[str, Any]:
    """A DataMatrix, and so many texts."""
    first = ROW | {"type": "datamatrix", "w": "20", "h": "20"}
    rows = [first, *[ROW | {"type": "text"}] * d.count]
    listed = {name: [row[name] for row in rows] for name in first}
    fields = ["", *["name_zh"] * d.count]
    return listed | {"field": fields, "bold": [""] * len(rows), "width": "60", "height": "30", "dpi": "203"}


def _saved(d: Desk) -> dict[str, Any]:
    return {
        "key": key("label_template"),
        "name": unique("T"),
        "usual": "1",
        "active": "1",
        "campus_id": d.here.h.campus.pk,
        **_typed(d),
    }


def _changed(d: Desk) -> Form:
    actor = d.here.actor(d.sender)
    kept = save_template(
        actor=actor,
        key=unique("k"),
        kind="unit",
        name=unique("T"),
        data=shipped("unit").as_data(),
        campus_id=d.here.h.campus.pk,
    )
    return f"{AT}/{kept.id}", _saved(d)


ADMINISTRATOR: dict[str, Callable[[Desk], Form]] = {
    "masterdata:new_label_template": lambda d: (f"{AT}/new/unit", _saved(d)),
    "masterdata:label_template": _changed,
    "masterdata:label_preview": lambda d: (f"{AT}/preview/unit", _typed(d)),
}

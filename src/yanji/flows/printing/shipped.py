"""The labels that every hospital starts with, one for each kind: what holds until somebody changes it."""

from typing import Any

from .template import LabelKind


def _text(field: str, x: float, y: float, w: float, size: float, **more: Any) -> dict[str, Any]:
    lines = more.get("lines", 1)
    return {
        "type": "text", "field": field, "x": x, "y": y, "w": w, "h": round(size * lines * 1.05, 2), "size": size, **more,
    }  # fmt: skip


def _symbol(kind: str, x: float, y: float, w: float, h: float) -> dict[str, Any]:
    return {"type": kind, "x": x, "y": y, "w": w, "h": h}


SHIPPED: dict[str, dict[str, Any]] = {
    # 60 by 30 mm, the common roll.
    LabelKind.UNIT: {
        "width": 60, "height": 30, "dpi": 203,
        "elements": [
            _symbol("datamatrix", 1.5, 1.5, 20, 20),
            _text("name_zh", 23, 1.5, 35.5, 3, bold=True, lines=2),
            _text("name_en", 23, 8, 35.5, 2.1),
            _text("model", 23, 10.6, 35.5, 2.3),
            _text("lot", 23, 13.3, 35.5, 2.3),
            _text("expiry", 23, 16, 35.5, 2.3, bold=True),
            _text("storage", 23, 18.7, 35.5, 2.1),
            _text("serial", 1.5, 22, 57, 2.8, bold=True),
            _text("hri", 1.5, 25.2, 57, 1.9, lines=2),
        ],
    },
    # 70 by 30 mm: read from a step away.
    LabelKind.PLACE: {
        "width": 70, "height": 30, "dpi": 203,
        "elements": [
            _symbol("datamatrix", 2, 2, 22, 22),
            _text("code", 26, 2, 42, 6, bold=True),
            _text("name_zh", 26, 9, 42, 3.6, lines=2),
            _text("name_en", 26, 17, 42, 2.4),
            _text("path", 26, 20, 42, 2.2, lines=2),
            _text("storage", 26, 25.6, 42, 2.3, bold=True),
            _text("hri", 2, 25.6, 22, 1.9),
        ],
    },
    # A7 across, the common logistics label.
    LabelKind.BOX: {
        "width": 105, "height": 74, "dpi": 203,
        "elements": [
            _text("kind", 5, 4, 40, 5, bold=True),
            _text("pieces", 46, 4, 32, 5),
            _text("expiry", 5, 11, 72, 3.4),
            {"type": "line", "x": 5, "y": 16, "w": 72, "h": 0, "size": 0.375},
            *(_text(f"line{n}", 5, 12.8 + 4.6 * n, 72, 3.2) for n in range(1, 5)),
            _symbol("datamatrix", 80, 3, 21, 21),
            _symbol("bars", 2.5, 40, 100, 25),
            _text("hri", 5, 67, 95, 4.2, align="center"),
        ],
    },
    LabelKind.KIT: {
        "width": 105, "height": 74, "dpi": 203,
        "elements": [
            _text("name_zh", 5, 4, 72, 4.4, bold=True),
            _text("name_en", 5, 9.4, 72, 2.8),
            _text("code", 5, 13, 36, 2.8), _text("pieces", 42, 13, 35, 2.8),
            _text("expiry", 5, 16.6, 72, 3, bold=True),
            {"type": "line", "x": 5, "y": 21, "w": 72, "h": 0, "size": 0.375},
            *(_text(f"line{n}", 5, 18.4 + 3.9 * n, 72, 2.8) for n in range(1, 5)),
            _symbol("datamatrix", 80, 3, 21, 21),
            _symbol("bars", 2.5, 42, 100, 23),
            _text("hri", 5, 67, 95, 4.2, align="center"),
        ],
    },
}  # fmt: skip

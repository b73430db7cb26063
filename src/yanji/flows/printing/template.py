"""What a label looks like, as data: its size and what stands where, in millimetres from the left upper corner. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from yanji.ledger.api import Offence, Refused

DOTS = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}  # to the millimetre; "203" is 203.2 to the inch
SMALLEST, LARGEST = 10.0, 220.0  # millimetres: a sleeve of a vial, an A5 sheet
MOST_ELEMENTS = 40
MOST_LINES = 6
LONGEST_TEXT = 80


class LabelKind(models.TextChoices):
    """What a label is for."""

    UNIT = "unit", _("Unit")
    PLACE = "place", _("Place")
    BOX = "box", _("Carton or pallet")
    KIT = "kit", _("Kit")


class ElementType(models.TextChoices):
    """What may stand on a label. Each symbol says the same: the name of the subject."""

    TEXT = "text", _("Text of the thing")
    FIXED = "fixed", _("Fixed text")
    DATAMATRIX = "datamatrix", _("DataMatrix")
    BARS = "bars", _("Code 128")
    QR = "qr", _("QR code")
    LINE = "line", _("Line")
    FRAME = "frame", _("Frame")


# What people call the numbers of a template.
WORDS = {
    "width": _("width"), "height": _("height"), "dpi": _("resolution"), "x": _("distance from the left"),
    "y": _("distance from the top"), "w": _("width"), "h": _("height"), "size": _("size"), "lines": _("number of lines"),
    "align": _("alignment"), "type": _("kind of element"), "elements": _("list of elements"),
}  # fmt: skip
SYMBOLS = frozenset({ElementType.DATAMATRIX, ElementType.BARS, ElementType.QR})
WRITTEN = frozenset({ElementType.TEXT, ElementType.FIXED})
ALIGNS = ("left", "center", "right")


@dataclass(frozen=True, slots=True)
class Element:
    """One thing on a label, in its rectangle. ``size``: height of the letters, or width of a line, in millimetres; ``field``:
    the name of a field of the subject; ``lines``: at most so many."""

    type: str
    x: float
    y: float
    w: float
    h: float
    field: str = ""
    zh: str = ""
    en: str = ""
    size: float = 2.5
    lines: int = 1
    align: str = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A label of ``width`` by ``height`` millimetres for a printer of ``dpi``; ``rfid``: it writes the tag in the label."""

    kind: str
    width: float
    height: float
    dpi: int
    elements: tuple[Element, ...]
    rfid: bool = False

    @property
    def dots(self) -> float:
        """Of the printer, to the millimetre."""
        return DOTS[self.dpi]

    def as_data(self) -> dict[str, Any]:
        """What is kept of it: what is as usual is left out."""
        usual = Element("", 0, 0, 0, 0)
        said = [
            {name: value for name, value in asdict(each).items() if value != getattr(usual, name)}
            for each in self.elements
        ]
        plain = asdict(replace(self, elements=()))
        return {name: value for name, value in plain.items() if name != "kind"} | {"elements": said}


_NUMBERS = {"x", "y", "w", "h", "size"}
_ELEMENT = {field.name for field in fields(Element)}


def parse(kind: str, data: Mapping[str, Any]) -> Template:
    """The template behind kept or sent data. Raises :class:`Refused` naming every value that is none."""
    said = data.get("elements", [])
    if not isinstance(said, list) or not all(isinstance(each, Mapping) for each in said):
        raise Refused("label_bad_setting", field=str(WORDS["elements"]), value="")
    offences: list[Offence] = []
    elements = [_element(number, each, offences) for number, each in enumerate(said, 1)]
    width, height = (_number(0, name, data.get(name), offences) for name in ("width", "height"))
    dpi = data.get("dpi", 203)
    if dpi not in DOTS:
        offences.append(_bad(0, "dpi", dpi))
    if offences:
        raise Refused.of(offences)
    return Template(kind, width, height, int(dpi), tuple(elements), bool(data.get("rfid")))


def _element(number: int, said: Mapping[str, Any], offences: list[Offence]) -> Element:
    given: dict[str, Any] = {}
    for name, value in said.items():
        if name in _NUMBERS:
            given[name] = _number(number, name, value, offences)
        elif name == "lines":
            given[name] = value if isinstance(value, int) and not isinstance(value, bool) else 0
        elif name == "bold":
            given[name] = bool(value)
        elif name in _ELEMENT and isinstance(value, str):
            given[name] = value
        else:
            offences.append(_bad(number, name, value))
    return Element(**{"type": "", "x": 0.0, "y": 0.0, "w": 0.0, "h": 0.0, **given})


def _number(number: int, name: str, value: object, offences: list[Offence]) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and -1000 < value < 1000:
        return round(float(value), 3)
    offences.append(_bad(number, name, value))
    return 0.0


def _bad(number: int, name: str, value: object) -> Offence:
    """Of an element by its number, or (0) of the label itself."""
    facts = {"field": str(WORDS.get(name, name)), "value": str(value)[:40]}
    return (
        Offence("label_bad_value", str(number), facts)
        if number
        else Offence("label_bad_setting", facts=facts)
    )


def against(template: Template, known: Mapping[str, object]) -> Iterator[Offence]:
    """What speaks against a template, whatever it is printed for; ``known``: the fields of its kind's subjects. Pure."""
    for name, side in (("width", template.width), ("height", template.height)):
        if not SMALLEST <= side <= LARGEST:
            yield Offence(
                "label_bad_size", str(WORDS[name]), {"least": f"{SMALLEST:g}", "most": f"{LARGEST:g}"}
            )
    if not template.elements or len(template.elements) > MOST_ELEMENTS:
        yield Offence("label_bad_count", facts={"most": MOST_ELEMENTS})
    if not any(each.type in SYMBOLS for each in template.elements):
        yield Offence("label_no_symbol")
    for number, each in enumerate(template.elements, 1):
        yield from _against_element(f"{number}", each, template, known)


def _against_element(
    number: str, each: Element, template: Template, known: Mapping[str, object]
) -> Iterator[Offence]:
    if each.type not in ElementType.values:
        yield _bad(int(number), "type", each.type)
        return
    if each.w <= 0 or (each.h <= 0 and each.type != ElementType.LINE):
        yield Offence("label_no_room", number)
    slack = 0.001
    beyond = each.x + each.w > template.width + slack or each.y + each.h > template.height + slack
    if each.x < 0 or each.y < 0 or beyond:
        size = {"width": f"{template.width:g}", "height": f"{template.height:g}"}
        yield Offence("label_outside", number, size)
    if each.type in WRITTEN:
        yield from _against_text(number, each, known)
    elif each.type in {ElementType.LINE, ElementType.FRAME} and not 1 / template.dots <= each.size <= 5:
        yield Offence("label_line_too_thin", number, {"least": f"{1 / template.dots:.3f}", "most": "5"})


def _against_text(number: str, each: Element, known: Mapping[str, object]) -> Iterator[Offence]:
    if each.type == ElementType.TEXT and each.field not in known:
        yield Offence("label_unknown_field", number, {"field": each.field[:40], "known": ", ".join(known)})
    if each.type == ElementType.FIXED and not (each.zh or each.en):
        yield Offence("label_text_empty", number)
    if max(len(each.zh), len(each.en)) > LONGEST_TEXT:
        yield Offence("label_text_long", number, {"most": LONGEST_TEXT})
    if not 1.2 <= each.size <= 40:
        yield Offence("label_letters", number, {"least": "1.2", "most": "40"})
    elif each.h and each.size * each.lines > each.h * 1.05:
        yield Offence("label_lines_high", number, {"lines": each.lines, "size": f"{each.size:g}"})
    if not 1 <= each.lines <= MOST_LINES:
        yield _bad(int(number), "lines", each.lines)
    if each.align not in ALIGNS:
        yield _bad(int(number), "align", each.align)

"""A label printer for tests: of ZPL it understands what Yanji sends, and it hands back what its symbols would say."""

import re
from dataclasses import dataclass, field

from PIL import Image

from tests.browser.printed import scans_in

COMMAND = re.compile(r"\^([A-Z][A-Z0-9])(.*?)(?=\^|\Z)", re.DOTALL)
IN_DATA = re.compile(r"_(_|[1-3]|d\d{3})")
IN_BARS = {">0": ">", "><": "^", ">=": "~", ">8": "\x1d"}
QUIET = 4


@dataclass
class Printed:
    """One label as it came out: its size in dots, what its symbols say to a scanner, its texts and pictures, its tag."""

    width: int = 0
    height: int = 0
    copies: int = 1
    scans: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    pictures: list[tuple[int, int, Image.Image]] = field(default_factory=list)
    tag: str = ""


def printed(zpl: str) -> list[Printed]:
    """Each label of the job."""
    formats = zpl.split("^XA")
    assert not formats[0], "nothing stands before the first label"
    assert all(each.rstrip().endswith("^XZ") for each in formats[1:])
    return [_label(each) for each in formats[1:]]


def _label(text: str) -> Printed:
    found = Printed()
    at, what, parameters, escaped = (0, 0), "", "", False
    for command, rest in COMMAND.findall(text):
        given = rest.rstrip("\n")
        if command == "PW":
            found.width = int(given)
        elif command == "LL":
            found.height = int(given)
        elif command == "PQ":
            found.copies = int(given)
        elif command == "FO":
            x, y = given.split(",")
            at, what, escaped = (int(x), int(y)), "", False
            assert 0 <= at[0] < found.width
            assert 0 <= at[1] < found.height
        elif command in {"BX", "BC", "RF"} or command.startswith("A0"):
            what, parameters = command, given
        elif command == "FH":
            escaped = True
        elif command == "GF":
            found.pictures.append((*at, _picture(given)))
        elif command == "FD":
            _data(found, what, parameters, given, escaped)
    return found


def _data(found: Printed, what: str, parameters: str, data: str, escaped: bool) -> None:
    if what == "BX":
        _n, _module, quality, *_rest, mark, aspect = parameters.split(",")
        assert (quality, mark, aspect) == ("200", "_", "1")
        found.scans.add(_datamatrix(data))
    elif what == "BC":
        found.scans.add(_bars(data, parameters[-1:]))
    elif what == "RF":
        length = int(parameters.split(",")[3])
        assert len(data) == 2 * length
        found.tag = data
    elif what.startswith("A0"):
        text = re.sub(r"_([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), data) if escaped else data
        found.texts.append(text)


def _datamatrix(data: str) -> str:
    """As the printer's handbook tells of ^BX in quality 200 with the escape sign _ : a function character first is GS1's."""
    gs1 = data.startswith("_1")
    body = data.removeprefix("_1") if gs1 else data

    def said(escape: re.Match[str]) -> str:
        mark = escape[1]
        return "_" if mark == "_" else chr(int(mark[1:])) if mark[0] == "d" else {"1": "\x1d"}[mark]

    return ("]d2" if gs1 else "]d1") + IN_DATA.sub(said, body)


def _bars(data: str, mode: str) -> str:
    """As the handbook tells of ^BC: > begins a command; >; starts in pairs of digits, where nothing else may stand."""
    body = data
    if mode == "N":
        assert body.startswith(">;>8")
        digits = body.removeprefix(">;>8")
        assert re.fullmatch(r"(\d\d)+", digits)
        return "]C1" + digits
    gs1 = body.startswith(">8")
    body = body.removeprefix(">8") if gs1 else body
    return ("]C1" if gs1 else "]C0") + re.sub(r">[0<=8]", lambda mark: IN_BARS[mark[0]], body)


def _picture(given: str) -> Image.Image:
    _format, total, same, row, data = given.split(",", 4)
    assert _format == "A"
    assert total == same
    width, height = int(row), int(total) // int(row)
    rows, rest = [], data.removesuffix("\n")
    while rest:
        comma = rest.find(",", 0, 2 * width)
        if comma >= 0:
            rows.append(rest[:comma].ljust(2 * width, "0"))
            rest = rest[comma + 1 :]
        else:
            rows.append(rest[: 2 * width])
            rest = rest[2 * width :]
    assert len(rows) == height, "as many rows as the command says"
    image = Image.frombytes("1", (8 * width, height), bytes.fromhex("".join(rows)))
    return image.point(lambda ink: 255 - ink)


def symbols_in(label: Printed) -> set[str]:
    """What a scanner sends for the pictures that are symbols."""
    found: set[str] = set()
    for _x, _y, picture in label.pictures:
        page = Image.new("L", (picture.width + 80, picture.height + 80), 255)
        page.paste(picture, (40, 40))
        found |= scans_in(page.resize((page.width * QUIET, page.height * QUIET)))
    return found

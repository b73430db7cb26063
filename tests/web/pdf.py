"""What a PDF of ours says, read back from its pages: texts as they are drawn, in order."""

import base64
import re
import zlib
from collections.abc import Iterator

DRAWING = re.compile(
    rb"/Filter \[ /ASCII85Decode /FlateDecode \][^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL
)
TABLE = rb"\n%d 0 obj\r?\n<<\s*/Filter \[ /FlateDecode \] /Length (\d+)\s*>>\s*stream\r?\n"
# In a drawing: a font is taken, a string is drawn, the pen goes elsewhere.
DRAWN = re.compile(rb"/(F[\d+]+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)\s*Tj|\b(BT|ET|T\*|Tm|Td)(?=\s)", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
FONT = re.compile(rb"/(F[\d+]+) (\d+) 0 R")
LETTERS = re.compile(rb"(\d+) 0 obj\r?\n<<[^>]*/ToUnicode (\d+) 0 R", re.DOTALL)
LETTER = re.compile(rb"<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{4,8})>")


def texts(pdf: bytes) -> list[str]:
    """Every string that is drawn, of all pages: of embedded fonts, whose letters the file itself tells, and of named ones."""
    told = {int(font): _letters(pdf, int(table)) for font, table in LETTERS.findall(pdf)}
    fonts = {name: told[int(font)] for name, font in FONT.findall(pdf) if int(font) in told}
    return [text for packed in DRAWING.findall(pdf) for text in _drawn(unpacked(packed), fonts)]


def unpacked(packed: bytes) -> bytes:
    """A drawing as it is written: one of ``DRAWING``."""
    return zlib.decompress(base64.a85decode(packed.strip().removesuffix(b"~>")))


def _letters(pdf: bytes, number: int) -> dict[int, str]:
    """Code -> letter, as the font's own table says, which is the object of this number."""
    found = re.search(TABLE % number, pdf)
    assert found, "a font says what its codes mean"
    table = zlib.decompress(pdf[found.end() : found.end() + int(found[1])])
    return {
        int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be")
        for code, letter in LETTER.findall(table)
    }


def _drawn(drawing: bytes, fonts: dict[bytes, dict[int, str]]) -> Iterator[str]:
    """A line may change from one part of a font to another and is one text all the same."""
    font, said = b"", ""
    for taken, text, moved in DRAWN.findall(drawing):
        if taken:
            font = taken
        elif moved:
            if said:
                yield said
            said = ""
        else:
            codes = ESCAPED.sub(_plain, text)
            known = fonts.get(font)
            said += "".join(known[code] for code in codes) if known else codes.decode("utf-16-be")


def _plain(escaped: re.Match[bytes]) -> bytes:
    code = escaped[1]
    return (
        bytes([int(code, 8)]) if len(code) == 3 else {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(code, code)
    )

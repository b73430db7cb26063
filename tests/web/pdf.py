"""What a PDF of ours says, read back from its pages: texts as they are drawn, in order."""

import base64
import re
import zlib

STREAM = re.compile(
    rb"/Filter \[ /ASCII85Decode /FlateDecode \][^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL
)
SAID = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def texts(pdf: bytes) -> list[str]:
    """Every string that is drawn, of all pages: the font's codes are UCS-2."""
    found = []
    for stream in STREAM.findall(pdf):
        drawing = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        found += [ESCAPED.sub(_plain, said).decode("utf-16-be") for said in SAID.findall(drawing)]
    return found


def _plain(escaped: re.Match[bytes]) -> bytes:
    code = escaped[1]
    return (
        bytes([int(code, 8)]) if len(code) == 3 else {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(code, code)
    )

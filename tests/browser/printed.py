"""What a scanner reads off printed labels and papers: the black of each page of the PDF, drawn as dots and read again."""

import base64
import re
import zlib
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageDraw, ImageOps
from playwright.sync_api import Page

# Of a page: what a font is made of is packed otherwise.
STREAM = re.compile(rb"/ASCII85Decode /FlateDecode \][^>]*>>\s*stream\s+(.*?~>)\s*endstream", re.DOTALL)
SIZE = re.compile(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]")
# Of what a page says, a line each: what is moved, what is kept and given back, in which colour, which rectangle.
SAID = re.compile(
    rb"^(?:(q)|(Q)|(\S+ \S+ \S+) rg|1 0 0 1 (\S+ \S+) cm.*|n (\S+ \S+ \S+ \S+) re f\*?)$", re.MULTILINE
)
# What labels carry; asked for everything, the reader finds a micro code in the noise of a coarse picture now and then.
PRINTED = [
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.QRCodeModel2,
]
QUIET = 60  # dots of white around what is read
DOTS = 8  # to a point of 1/72 inch, about as fine as a label printer


def scans_of(pdf: bytes, dots: int = DOTS) -> list[set[str]]:
    """Of each page, what a scanner sends for the symbols on it; a scanner that tells the symbology does so first."""
    pages = [zlib.decompress(base64.a85decode(b"<~" + page, adobe=True)) for page in STREAM.findall(pdf)]
    sizes = [(float(width), float(height)) for width, height in SIZE.findall(pdf)]
    return [_read(page, *size, dots) for page, size in zip(pages, sizes, strict=True)]


def _read(page: bytes, width: float, height: float, dots: int) -> set[str]:
    picture = Image.new("L", (int(width * dots), int(height * dots)), 255)
    pen = ImageDraw.Draw(picture)
    for left, bottom, across, up in _bars(page):
        lower = (height - bottom) * dots
        pen.rectangle(
            (
                round(left * dots),
                round(lower - up * dots),
                round((left + across) * dots) - 1,
                round(lower) - 1,
            ),
            fill=0,
        )
    return scans_in(picture.crop(_around(picture)))


def _bars(page: bytes) -> Iterator[tuple[float, float, float, float]]:
    """Each black rectangle where it stands on the page, in points."""
    x, y, black, kept = 0.0, 0.0, True, []
    for begun, ended, colour, moved, box in SAID.findall(page):
        if begun:
            kept.append((x, y, black))
        elif ended:
            x, y, black = kept.pop()
        elif colour:
            black = not any(map(float, colour.split()))
        elif moved:
            right, up = map(float, moved.split())
            x, y = x + right, y + up
        elif black:
            left, bottom, across, high = map(float, box.split())
            yield x + left, y + bottom, across, high


def _around(picture: Image.Image) -> tuple[int, int, int, int]:
    """The part of a page on which anything stands, with white around it."""
    left, top, right, bottom = ImageOps.invert(picture).getbbox() or (0, 0, 1, 1)
    return left - QUIET, top - QUIET, right + QUIET, bottom + QUIET


def scans_in(picture: Image.Image) -> set[str]:
    """What a scanner sends for every symbol in a picture. As it stands: read at half its size as well, a bar code whose bars
    are no whole dots wide may pass for another, whose check character fits by chance."""
    found = zxingcpp.read_barcodes(picture, formats=PRINTED, try_downscale=False)
    return {f"{each.symbology_identifier}{each.bytes.decode()}" for each in found}


def printed_at(page: Page, address: str) -> list[set[str]]:
    """:func:`scans_of` the sheet of labels that a link leads to, as whoever is signed in opens it."""
    sheet = page.request.get(address)
    assert sheet.headers["content-type"] == "application/pdf", address
    return scans_of(sheet.body())

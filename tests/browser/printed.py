"""What a scanner reads off printed labels: the black of each page of the PDF, drawn as dots and read again."""

import base64
import re
import zlib

import zxingcpp
from PIL import Image, ImageDraw
from playwright.sync_api import Page

STREAM = re.compile(rb"stream\s+(.*?~>)\s*endstream", re.DOTALL)
SIZE = re.compile(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]")
BAR = re.compile(rb"n (\S+) (\S+) (\S+) (\S+) re f")
# What labels carry; asked for everything, the reader finds a micro code in the noise of a coarse picture now and then.
PRINTED = [
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.QRCodeModel2,
]
DOTS = 8  # to a point of 1/72 inch, about as fine as a label printer


def scans_of(pdf: bytes, dots: int = DOTS) -> list[set[str]]:
    """Of each page, what a scanner sends for the symbols on it; a scanner that tells the symbology does so first."""
    pages = [zlib.decompress(base64.a85decode(b"<~" + page, adobe=True)) for page in STREAM.findall(pdf)]
    sizes = [(float(width), float(height)) for width, height in SIZE.findall(pdf)]
    return [_read(page, *size, dots) for page, size in zip(pages, sizes, strict=True)]


def _read(page: bytes, width: float, height: float, dots: int) -> set[str]:
    picture = Image.new("L", (int(width * dots), int(height * dots)), 255)
    pen = ImageDraw.Draw(picture)
    for bar in BAR.findall(page):
        left, bottom, across, up = (float(number) * dots for number in bar)
        lower = height * dots - bottom
        pen.rectangle((round(left), round(lower - up), round(left + across) - 1, round(lower) - 1), fill=0)
    return scans_in(picture)


def scans_in(picture: Image.Image) -> set[str]:
    """What a scanner sends for every symbol in a picture."""
    found = zxingcpp.read_barcodes(picture, formats=PRINTED)
    return {f"{each.symbology_identifier}{each.bytes.decode()}" for each in found}


def printed_at(page: Page, address: str) -> list[set[str]]:
    """:func:`scans_of` the sheet of labels that a link leads to, as whoever is signed in opens it."""
    sheet = page.request.get(address)
    assert sheet.headers["content-type"] == "application/pdf", address
    return scans_of(sheet.body())

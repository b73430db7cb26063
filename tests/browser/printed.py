"""What a scanner reads off printed labels: the black of each page of the PDF, drawn as dots and read again."""

import base64
import re
import zlib

import zxingcpp
from PIL import Image, ImageDraw

from yanji.flows.packing.label import HEIGHT, WIDTH  # the largest label there is

STREAM = re.compile(rb"stream\s+(.*?~>)\s*endstream", re.DOTALL)
BAR = re.compile(rb"n (\S+) (\S+) (\S+) (\S+) re f")
DOTS = 8  # to a point of 1/72 inch, about as fine as a label printer


def scans_of(pdf: bytes) -> list[set[str]]:
    """Of each page, what a scanner sends for the symbols on it; a scanner that tells the symbology does so first."""
    return [
        _read(zlib.decompress(base64.a85decode(b"<~" + page, adobe=True))) for page in STREAM.findall(pdf)
    ]


def _read(page: bytes) -> set[str]:
    picture = Image.new("L", (int(WIDTH * DOTS), int(HEIGHT * DOTS)), 255)
    pen = ImageDraw.Draw(picture)
    for bar in BAR.findall(page):
        left, bottom, width, height = (float(number) * DOTS for number in bar)
        lower = HEIGHT * DOTS - bottom
        pen.rectangle((round(left), round(lower - height), round(left + width) - 1, round(lower) - 1), fill=0)
    return {f"{each.symbology_identifier}{each.bytes.decode()}" for each in zxingcpp.read_barcodes(picture)}

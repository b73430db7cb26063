"""Small files of every kind that can be attached, and some that only look like it."""

import io
import zipfile
import zlib


def png(shade: int = 0) -> bytes:
    """A picture of one pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
        + chunk(b"IEND", b"")
    )


def workbook(*more: str) -> bytes:
    """An archive with the parts that make a workbook, and further ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", *more):
            archive.writestr(name, "<x/>")
    return out.getvalue()


def box(brand: bytes, *others: bytes) -> bytes:
    """The head of an image file of the ISO family."""
    brands = brand + b"\0\0\0\0" + b"".join(others)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + b"\0\0\0\x08free"


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\0" * 20 + b"\xff\xd9"
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L" + b"\0" * 14
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOOD = {
    "order.pdf": (PDF, "application/pdf"),
    "photo.jpg": (JPEG, "image/jpeg"),
    "photo.png": (png(), "image/png"),
    "photo.webp": (WEBP, "image/webp"),
    "note.txt": ("交货时外箱受潮。\n".encode(), "text/plain"),
    "old note.txt": ("交货时外箱受潮。\n".encode("gb18030"), "text/plain"),
    "wide.txt": ("Box 3 is wet.\r\n".encode("utf-16"), "text/plain"),
    "table.csv": ("品名,数量\n支架,3\n".encode("utf-8-sig"), "text/csv"),
    "book.xlsx": (workbook(), XLSX),
}
# Told apart, and not taken: what they say of place and time cannot be cut out.
HEIC = {
    "photo.heic": (box(b"heic", b"mif1"), "image/heic"),
    "burst.HEIC": (box(b"mif1", b"heic", b"miaf"), "image/heic"),
}
BAD = {
    "page.txt": b"  <html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "run.sh": b"#!/bin/sh\nrm -rf /\n",
    "run.txt": b"#!/bin/sh\nrm -rf /\n",
    "run.bat": b"del /s *\r\n",
    "page.html": b"plain words\n",
    "program.pdf": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0",
    "program.jpg": b"\x7fELF\x02\x01\x01\0\0\0\0\0",
    "cut.pdf": PDF[:-8],
    "cut.jpg": b"\xff\xd8",
    "moving.gif": b"GIF89a\x01\0\x01\0\x80\0\0",
    "photo.avif": box(b"avif", b"mif1", b"miaf"),
    "film.mp4": box(b"isom", b"mp41"),
    "archive.zip": workbook()[:-30],
    "letter.docx": b"PK\x03\x04" + b"\0" * 40,
    "rich.txt": b"{\\rtf1 hello}",
    "blank.txt": b" \r\n\t",
    "noise": bytes(range(256)),
}
ACTIVE = {
    "macro.xlsx": workbook("xl/vbaProject.bin"),
    "inside.xlsx": workbook("xl/embeddings/oleObject1.bin"),
    "script.pdf": PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
    "start.pdf": PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S /Launch/F(cmd.exe)>>"),
}

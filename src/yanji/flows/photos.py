"""A photo without what the phone wrote beside the picture: where it was taken, when, and with whose device. Pure.

The pixels stay as they are, byte for byte; of the notes only which way is up is kept. Sources: JPEG segments, ITU-T T.81
annex B; Exif orientation, CIPA DC-008 4.6.4; PNG chunks, W3C PNG 11.3; WebP chunks, RFC 9649 section 2.7.
"""

import re
import struct
from collections.abc import Callable, Iterator

APP0, APP1, APP15, COMMENT = 0xE0, 0xE1, 0xEF, 0xFE
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length: TEM, RST0 to RST7
# Of the application segments only these say how the picture is drawn: its density, its colours, its transform.
DRAWING = {APP0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
# Any number of fill bytes may stand before a marker (T.81, B.1.1.2); in a scan FF00 is a byte of it, and so are restarts.
MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
ORIENTATION, SHORT = 0x0112, 3
PNG_NOTES = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
WEBP_NOTES = frozenset({b"EXIF", b"XMP "})
WEBP_NOTE_FLAGS = 0b00001100  # of the extended header: Exif, XMP


def without_notes(content: bytes, content_type: str) -> bytes:
    """The picture without its notes; what cannot be read to its end, and every other kind of file, is given back as it is.

    What follows the picture in its file goes as well: a phone hides a second picture there, or a film, with notes of its own.
    """
    clean: dict[str, Callable[[bytes], bytes]] = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
    if content_type not in clean:
        return content
    try:
        return clean[content_type](content)
    except (struct.error, IndexError):
        return content


def _jpeg(content: bytes) -> bytes:
    kept, turned, drawn = [content[:2]], 1, False
    for marker, segment in _segments(content):
        if marker == APP1:
            turned = _orientation(segment[4:]) or turned
        elif not _is_note(marker, segment):
            kept.append(segment)
        drawn |= marker == START_OF_SCAN
    if not drawn:
        raise IndexError("there is no picture in it")
    if turned != 1:
        kept.insert(1, _only_orientation(turned))
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Every segment with its marker, without fill bytes and what lies between them, to the end of the first picture; a scan
    goes with its header. IndexError where a segment is cut off."""
    at = 2
    while found := MARKER.search(content, at):
        code = found.start(1)
        marker, end = content[code], code + 1
        if marker not in ALONE and marker != END_OF_IMAGE:
            (length,) = struct.unpack_from(">H", content, end)
            end += length
            if end > len(content) or length < 2:
                raise IndexError("a segment is cut off")
        if marker == START_OF_SCAN:
            after = AFTER_SCAN.search(content, end)
            end = after.start() if after else len(content)
        yield marker, b"\xff" + content[code:end]
        if marker == END_OF_IMAGE:
            return
        at = end


def _is_note(marker: int, segment: bytes) -> bool:
    if APP0 <= marker <= APP15:
        return marker not in DRAWING or not segment[4:].startswith(DRAWING[marker])
    return marker == COMMENT


def _orientation(exif: bytes) -> int:
    """The orientation, 1 to 8, that an Exif segment names; 0 where it names none, or is broken."""
    try:
        return _named_in(exif[6:]) if exif.startswith(b"Exif\0\0") else 0
    except struct.error:
        return 0


def _named_in(tiff: bytes) -> int:
    order = "<" if tiff.startswith(b"II") else ">"
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(entries):
        tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
        if tag == ORIENTATION and kind == SHORT and 1 <= value <= 8:
            return int(value)
    return 0


def _only_orientation(turned: int) -> bytes:
    """An Exif segment that says nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, SHORT, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return struct.pack(">BBH", 0xFF, APP1, len(body) + 2) + body


def _png(content: bytes) -> bytes:
    kept = [content[:8]]
    at, name = 8, b""
    while at < len(content) and name != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        name = content[at + 4 : at + 8]
        if name not in PNG_NOTES:
            kept.append(content[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


def _webp(content: bytes) -> bytes:
    body = b"".join(_webp_chunks(content))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(content: bytes) -> Iterator[bytes]:
    at, end = 12, min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while at < end:
        name, (length,) = content[at : at + 4], struct.unpack_from("<I", content, at + 4)
        chunk = content[at : at + 8 + length + length % 2]
        if name == b"VP8X":
            yield chunk[:8] + bytes([chunk[8] & ~WEBP_NOTE_FLAGS]) + chunk[9:]
        elif name not in WEBP_NOTES:
            yield chunk
        at += 8 + length + length % 2

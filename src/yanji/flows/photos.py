"""A photo without what the phone wrote beside the picture: where it was taken, when, and with whose device. Pure.

The pixels stay as they are, byte for byte; of the notes only which way is up is kept. Sources: JPEG segments, ITU-T T.81
annex B; Exif orientation, CIPA DC-008 4.6.4; PNG chunks, W3C PNG 11.3; WebP chunks, RFC 9649 section 2.7.
"""

import struct
from collections.abc import Callable, Iterator

APP1, APP13, COMMENT, START_OF_SCAN = 0xE1, 0xED, 0xFE, 0xDA
ORIENTATION, SHORT = 0x0112, 3
PNG_NOTES = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
WEBP_NOTES = frozenset({b"EXIF", b"XMP "})
WEBP_NOTE_FLAGS = 0b00001100  # of the extended header: Exif, XMP


def without_notes(content: bytes, content_type: str) -> bytes:
    """The picture without its notes; what cannot be read to its end, and every other kind of file, is given back as it is.

    HEIC keeps its notes: they are interwoven with the picture.
    """
    clean: dict[str, Callable[[bytes], bytes]] = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
    if content_type not in clean:
        return content
    try:
        return clean[content_type](content)
    except (struct.error, IndexError):
        return content


def _jpeg(content: bytes) -> bytes:
    kept, turned, at = [content[:2]], 1, 2
    while (marker := content[at + 1]) != START_OF_SCAN:
        (length,) = struct.unpack_from(">H", content, at + 2)
        segment = content[at : at + 2 + length]
        if marker == APP1:
            turned = _orientation(segment[4:]) or turned
        elif marker not in (APP13, COMMENT):
            kept.append(segment)
        at += 2 + length
    if turned != 1:
        kept.insert(1, _only_orientation(turned))
    return b"".join(kept) + content[at:]


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
    at = 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        if content[at + 4 : at + 8] not in PNG_NOTES:
            kept.append(content[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


def _webp(content: bytes) -> bytes:
    body = b"".join(_webp_chunks(content))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(content: bytes) -> Iterator[bytes]:
    at = 12
    while at < len(content):
        name, (length,) = content[at : at + 4], struct.unpack_from("<I", content, at + 4)
        chunk = content[at : at + 8 + length + length % 2]
        if name == b"VP8X":
            yield chunk[:8] + bytes([chunk[8] & ~WEBP_NOTE_FLAGS]) + chunk[9:]
        elif name not in WEBP_NOTES:
            yield chunk
        at += 8 + length + length % 2

"""What a file is, told from its bytes and never from what it is called; and a name that no system trips over."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

# Type -> endings that go with it; the first is put where another one stood.
SUFFIXES: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "text/csv": (".csv",),
    "text/plain": (".txt", ".log", ".md"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Sniffed:
    """``content_type`` is empty where the file is none that is taken; ``active``: it holds a program."""

    content_type: str = ""
    active: bool = False


def sniff(content: bytes, name: str = "") -> Sniffed:
    """What the bytes are. Only for text does the name count: it tells a table (CSV) and a script from prose."""
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    return Sniffed(_picture(content) or _text(content, name))


def _picture(content: bytes) -> str:
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return "image/png"
    if content.startswith(b"\xff\xd8\xff") and len(content) > 3 and content[3] >= 0xC0:
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:15] == b"WEBPVP8":
        return "image/webp"
    return "image/heic" if _is_heic(content) else ""


def _is_heic(content: bytes) -> bool:
    """A file type box (ISO/IEC 14496-12, 4.3) whose brands say HEVC (ISO/IEC 23008-12, annex B)."""
    length = int.from_bytes(content[:4], "big")
    if content[4:8] != b"ftyp" or not 16 <= length <= min(len(content), 512):
        return False
    major = content[8:12]
    brands = {content[at : at + 4] for at in range(16, length - 3, 4)}
    return major in HEVC_BRANDS or (major in (b"mif1", b"msf1") and bool(brands & HEVC_BRANDS))


def _pdf(content: bytes) -> Sniffed:
    if b"%%EOF" not in content[-2048:]:
        return Sniffed()
    return Sniffed("application/pdf", active=bool(re.search(rb"/(JavaScript|Launch|RichMedia)\b", content)))


def _workbook(content: bytes) -> Sniffed:
    """Only what its directory says is read: nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return Sniffed()
    names = {entry.filename.lower() for entry in entries}
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        return Sniffed()
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        return Sniffed()
    programs = [name for name in names if name.endswith(".bin") and "vba" in name]
    programs += [name for name in names if name.startswith(("xl/embeddings/", "xl/activex/"))]
    return Sniffed(XLSX, active=bool(programs))


# What no text holds: control signs other than tab, line ends and form feed, private signs, non-characters.
NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\uf8ff\ufffe\uffff]")
MARKUP = ("<", "#!", "{\\rtf", "%!PS", "MZ", "\x7fELF")


def _text(content: bytes, name: str) -> str:
    suffix = _suffix(name)
    text = _decoded(content)
    if text is None or not text.strip() or text.lstrip().startswith(MARKUP) or NOT_TEXT.search(text):
        return ""
    if suffix == ".csv":
        return "text/csv"
    return "text/plain" if suffix in ("", *SUFFIXES["text/plain"]) else ""


def _decoded(content: bytes) -> str | None:
    """UTF-8, UTF-16 with its mark, or GB 18030: what Chinese systems write."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def clean_name(name: str, content_type: str) -> str:
    """A name without folders, invisible signs and what file systems forbid, ending as its type does."""
    bare = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    seen = "".join(
        sign if unicodedata.category(sign)[0] not in "CZ" and sign not in '<>:"|?*' else " " for sign in bare
    )
    plain = " ".join(seen.split()).strip(". ")
    suffixes = SUFFIXES[content_type]
    suffix = _suffix(plain)
    # A dot inside a name (“v1.2 final”) is no ending; one that claims another type is replaced.
    stem = plain[: len(plain) - len(suffix)] if suffix else plain
    ending = suffix if suffix in suffixes else suffixes[0]
    return f"{stem[:LONGEST_NAME].strip('. ') or 'file'}{ending}"


def _suffix(name: str) -> str:
    found = re.search(r"\.[a-z0-9]{1,8}$", name.strip().lower())
    return found.group() if found else ""

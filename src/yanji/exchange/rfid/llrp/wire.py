"""Octets to messages and back, by the rows: one reader and one writer for everything that LLRP says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from . import rows

Value = int | str | bytes | tuple[int, ...]
HEADER = 10
LONGEST_MESSAGE = 1 << 22  # a report of 2,000 tags is below 200 kB; more is no reader speaking LLRP
SHORT_FORM = 128  # parameters with a smaller number have one octet before them and no length
MOST_NESTED = 16
UNKNOWN = "Unknown"
VERSION = 1


class LlrpError(ValueError):
    """What was sent is not LLRP; the text says where."""


@dataclass(frozen=True, slots=True)
class Element:
    """A parameter: its fields by name, and the parameters inside. One that the rows do not know is kept whole as
    ``Unknown`` with ``Type`` and ``Data``."""

    name: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    inside: tuple["Element", ...] = ()

    def find(self, name: str) -> Iterator["Element"]:
        """Parameters of a name directly inside."""
        return (each for each in self.inside if each.name == name)

    def number(self, name: str) -> int | None:
        """The only field of the first parameter of a name inside, as a number; None where there is none."""
        first = next(self.find(name), None)
        value = next(iter(first.fields.values()), None) if first else None
        return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Message(Element):
    """A message; ``id`` pairs an answer with its question."""

    id: int = 0
    version: int = VERSION


class Slot(NamedTuple):
    """A field of a row: ``width`` bits, or octets counted on the wire."""

    name: str
    kind: str
    width: int


class Row(NamedTuple):
    number: int
    name: str
    slots: tuple[Slot, ...]

    @property
    def has_inside(self) -> bool:
        return not any(slot.kind == "rest" for slot in self.slots)


def _slot(text: str) -> Slot:
    if text.startswith("-"):
        return Slot("", "u", int(text[1:]))
    name, _, kind = text.partition(":")
    if kind.endswith("*"):
        return Slot(name, "list", int(kind[1:-1]))
    return Slot(name, kind[0], int(kind[1:])) if kind[1:].isdigit() else Slot(name, kind, 0)


def _rows(text: str) -> list[Row]:
    lines = (line.split() for line in text.strip().splitlines())
    return [Row(int(number), name, tuple(map(_slot, slots))) for number, name, *slots in lines]


MESSAGES = {row.number: row for row in _rows(rows.MESSAGES)}
PARAMETERS = {row.number: row for row in _rows(rows.PARAMETERS)}
_MESSAGE_OF = {row.name: row for row in MESSAGES.values()}
_PARAMETER_OF = {row.name: row for row in PARAMETERS.values()}


class Frames:
    """Cuts the stream of a connection into messages, however the network has cut it."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, octets: bytes) -> Iterator[bytes]:
        """The messages that are whole now. Raises LlrpError where a length cannot be one: the connection is of no use then."""
        self._kept += octets
        while len(self._kept) >= HEADER:
            length = int.from_bytes(self._kept[2:6])
            if not HEADER <= length <= LONGEST_MESSAGE:
                raise LlrpError(f"a message of {length} octets")
            if len(self._kept) < length:
                return
            whole = bytes(self._kept[:length])
            del self._kept[:length]
            yield whole


class _Reader:
    """Reads numbers of any width from the left; ends where its element ends."""

    def __init__(self, octets: bytes, start: int, end: int) -> None:
        if not start <= end <= len(octets):
            raise LlrpError(f"an element that ends at octet {end} of {len(octets)}")
        self._octets, self._at, self._end = octets, start * 8, end * 8

    @property
    def at(self) -> int:
        return self._at // 8

    def number(self, width: int) -> int:
        until = self._at + width
        if until > self._end:
            raise LlrpError(f"the element ends inside a field at octet {self.at}")
        last = -(-until // 8)
        number = int.from_bytes(self._octets[self._at // 8 : last])
        self._at = until
        return number >> (last * 8 - until) & (1 << width) - 1

    def octets(self, count: int) -> bytes:
        start, until = self.at, self._at + count * 8
        if until > self._end:
            raise LlrpError(f"the element ends inside a field at octet {start}")
        self._at = until
        return self._octets[start : start + count]

    def rest(self) -> bytes:
        return self.octets((self._end - self._at) // 8)

    def value(self, slot: Slot) -> Value:
        match slot.kind:
            case "u":
                return self.number(slot.width)
            case "s":
                number = self.number(slot.width)
                return number - (number >> slot.width - 1 << slot.width)
            case "text":
                return self.octets(self.number(16)).decode("utf-8", "surrogateescape")
            case "bits":
                return self.octets(-(-self.number(16) // 8))
            case "list":
                return tuple(self.number(slot.width) for _ in range(self.number(16)))
        return self.rest()

    def elements(self, depth: int) -> Iterator[Element]:
        if depth > MOST_NESTED:
            raise LlrpError(f"parameters nested deeper than {MOST_NESTED}")
        while self._at < self._end:
            yield self._element(depth)

    def _element(self, depth: int) -> Element:
        start = self.at
        first = self._octets[start]
        if first >= SHORT_FORM:
            self._at += 8
            row = PARAMETERS.get(first - SHORT_FORM)
            if row is None:
                raise LlrpError(f"a short parameter {first - SHORT_FORM} of unknown length at octet {start}")
            return Element(row.name, self._fields(row))
        number, length = self.number(16) & 0x3FF, self.number(16)
        if length < 4 or (start + length) * 8 > self._end:
            raise LlrpError(f"a parameter of {length} octets at octet {start}")
        within = _Reader(self._octets, start + 4, start + length)
        self._at = (start + length) * 8
        row = PARAMETERS.get(number)
        if row is None or number < SHORT_FORM:
            return Element(UNKNOWN, {"Type": number, "Data": within.rest()})
        return Element(row.name, within._fields(row), within.inside(row, depth + 1))

    def _fields(self, row: Row) -> dict[str, Value]:
        found = {slot.name: self.value(slot) for slot in row.slots}
        found.pop("", None)
        return found

    def inside(self, row: Row, depth: int) -> tuple[Element, ...]:
        return tuple(self.elements(depth)) if row.has_inside else ()


def decode(octets: bytes) -> Message:
    """The message that one frame holds. Raises LlrpError: not LLRP, cut off, or longer than it says. A message of unknown
    number is ``Unknown`` with its ``Type`` and ``Data``: readers have their own ones, and they are no reason to hang up."""
    if len(octets) < HEADER or int.from_bytes(octets[2:6]) != len(octets):
        raise LlrpError(f"a frame of {len(octets)} octets")
    version, number = octets[0] >> 2 & 7, int.from_bytes(octets[:2]) & 0x3FF
    reader, ident = _Reader(octets, HEADER, len(octets)), int.from_bytes(octets[6:HEADER])
    row = MESSAGES.get(number)
    if row is None:
        return Message(UNKNOWN, {"Type": number, "Data": reader.rest()}, (), ident, version)
    return Message(row.name, reader._fields(row), reader.inside(row, 0), ident, version)


def encode(message: Message) -> bytes:
    """A message as octets; fields that are not given are zero or empty. Raises LlrpError: a value that its field cannot hold."""
    body, number = _body(message, _MESSAGE_OF)
    head = (message.version << 10 | number).to_bytes(2)
    return head + (HEADER + len(body)).to_bytes(4) + message.id.to_bytes(4) + body


def _body(element: Element, known: Mapping[str, Row]) -> tuple[bytes, int]:
    if element.name == UNKNOWN:
        data, number = element.fields["Data"], element.fields["Type"]
        assert isinstance(data, bytes)
        assert isinstance(number, int)
        return data, number
    row = known[element.name]
    bits = "".join(_bits(slot, element.fields.get(slot.name)) for slot in row.slots)
    octets = int(bits, 2).to_bytes(len(bits) // 8) if bits else b""
    return octets + b"".join(map(_parameter, element.inside)), row.number


def _parameter(element: Element) -> bytes:
    body, number = _body(element, _PARAMETER_OF)
    if number < SHORT_FORM and element.name != UNKNOWN:
        return bytes([SHORT_FORM + number]) + body
    return number.to_bytes(2) + (4 + len(body)).to_bytes(2) + body


def _bits(slot: Slot, value: Value | None) -> str:
    match slot.kind, value:
        case "u" | "s", int() | None:
            return _number(slot, value or 0)
        case "text", str() | None:
            octets = (value or "").encode("utf-8", "surrogateescape")
            return f"{len(octets):016b}" + _octets(octets)
        case "bits", bytes() | None:
            return f"{len(value or b'') * 8:016b}" + _octets(value or b"")
        case "list", tuple() | None:
            numbers = value or ()
            return f"{len(numbers):016b}" + "".join(_number(slot, each) for each in numbers)
        case "rest", bytes() | None:
            return _octets(value or b"")
    raise LlrpError(f"{slot.name} cannot be {value!r}")


def _number(slot: Slot, number: int) -> str:
    low, high = (-(1 << slot.width - 1), 1 << slot.width - 1) if slot.kind == "s" else (0, 1 << slot.width)
    if not low <= number < high:
        raise LlrpError(f"{slot.name} cannot be {number}")
    return f"{number & (1 << slot.width) - 1:0{slot.width}b}"


def _octets(octets: bytes) -> str:
    return f"{int.from_bytes(octets):0{len(octets) * 8}b}" if octets else ""

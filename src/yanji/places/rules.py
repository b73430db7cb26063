"""What a place may be: which kind below which, and a sound location number. Pure."""

from yanji.identity.checks import gs1_mod10_ok

from .models import VIRTUAL, Kind

# From the wide to the narrow; a place lies below a wider one.
_WIDTH = {
    Kind.GROUP: 0,
    Kind.CAMPUS: 1,
    Kind.BUILDING: 2,
    Kind.DEPARTMENT: 3,
    Kind.STORE: 4,
    Kind.DOCK: 5,
    Kind.ROOM: 5,
    Kind.CABINET: 6,
    Kind.BIN: 7,
}
# A ward belongs to a department of departments; a locked drawer stands in a cabinet's bin. The rest must narrow.
_MAY_NEST = frozenset({Kind.DEPARTMENT, Kind.ROOM})

REAL_KINDS = tuple(kind for kind in Kind if kind not in VIRTUAL)
ROOT_KINDS = (Kind.GROUP, Kind.CAMPUS)


def may_lie_below(kind: str, parent: str | None) -> bool:
    """Whether a place of one kind may lie directly below one of another; ``None``: at the root of the tree."""
    if kind in VIRTUAL or parent in VIRTUAL:
        return False
    if parent is None:
        return kind in ROOT_KINDS
    if kind == parent:
        return kind in _MAY_NEST
    return _WIDTH[Kind(parent)] < _WIDTH[Kind(kind)]


def gln_ok(gln: str) -> bool:
    """13 ASCII digits with the right check digit (GS1 General Specifications 7.9.1)."""
    return len(gln) == 13 and gln.isascii() and gln.isdigit() and gs1_mod10_ok(gln)


def depth(path: str) -> int:
    """How far below the root a path lies; the root has 0."""
    return path.count("/") - 2


def ids_of(path: str) -> list[int]:
    """The ids from the root to the place itself."""
    return [int(part) for part in path.split("/") if part]

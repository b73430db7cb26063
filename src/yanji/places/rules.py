"""What a place may be: which kind below which, and a sound location number. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

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


def paths_to(path: str) -> list[str]:
    """The paths from the root to the place itself."""
    ids = ids_of(path)
    return [f"/{'/'.join(map(str, ids[:level]))}/" for level in range(1, len(ids) + 1)]


HOLDERS = frozenset({Kind.STORE, Kind.DEPARTMENT})


def told_apart(ways: Mapping[int, Sequence[tuple[str, str]]]) -> dict[int, tuple[str, ...]]:
    """Names that several places share, each with what tells it from the others; what is alike is left out.

    ``ways``: for each place (kind, name) from its own up to the root. The store or department that holds a place is
    tried first, then what lies between, the nearest first. Gives the names to say, the widest first: docks of two
    stores become ``("Central store", "Dock")`` and ``("East store", "Dock")``.
    """
    steps = {key: _by_weight(way) for key, way in ways.items()}
    said: dict[int, frozenset[int]] = {key: frozenset({0}) for key in ways}
    for turn in range(max(map(len, steps.values()), default=0)):
        alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for key in ways:
            alike[_names(ways[key], said[key])].append(key)
        for keys in alike.values():
            next_ = {key: steps[key][turn] if turn < len(steps[key]) else None for key in keys}
            if len({None if at is None else ways[key][at][1] for key, at in next_.items()}) > 1:
                said |= {key: said[key] | {at} for key, at in next_.items() if at is not None}
    return {key: _names(ways[key], levels) for key, levels in said.items()}


def _by_weight(way: Sequence[tuple[str, str]]) -> list[int]:
    """The levels above a place in the order to try them."""
    above = list(range(1, len(way)))
    return sorted(above, key=lambda level: way[level][0] not in HOLDERS)


def _names(way: Sequence[tuple[str, str]], levels: frozenset[int]) -> tuple[str, ...]:
    return tuple(way[level][1] for level in sorted(levels, reverse=True))

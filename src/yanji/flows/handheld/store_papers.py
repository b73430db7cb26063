"""The papers of a store beside its everyday ones: what is kept for a paper, what goes back to a supplier, a walk for several
requisitions; which of them wait, and for what."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from yanji.access.actor import Actor

from ..alternatives import localised
from ..reserving.queries import Reserved, reserved, reserved_for
from ..sendback.models import SupplierReturnLine
from ..sendback.queries import supplier_returns
from ..waves.walk import members_of, walk_of
from .left import Left, Todo, todo_with

Papers = Sequence[Any]
MAY_BE_KEPT_FOR = ("requested", "picking")
MAY_GO_BACK = ("authorised",)
MOST_KEPT = 10_000
MOST_RETURNS = 40


def to_keep(papers: Mapping[tuple[str, str], Papers]) -> Papers:
    """Of what is to be picked what something may be kept for. No statement."""
    return [each for each in papers.get(("pick", "requisition"), ()) if each.state in MAY_BE_KEPT_FOR]


def with_kept(papers: Mapping[tuple[str, str], Papers], actor: Actor) -> Papers:
    """Those for which something is kept; all of them with what is. One statement, none where nothing is to be picked."""
    found = papers.get(("pick", "requisition"), ())
    kept: dict[str, list[Reserved]] = defaultdict(list)
    if found:
        paths = list(actor.scopes.get("pick", ()))
        for row in reserved(paths, numbers=[each.number for each in found], limit=MOST_KEPT):
            kept[row.reserved_for].append(row)
    for each in found:
        each.kept_rows = kept[each.number]
    return [each for each in found if each.kept_rows]


def with_own_kept(paper: Any, actor: Actor) -> Any:
    """The paper with what is kept for it where the actor picks: no more than that is given free. One statement."""
    paper.kept_rows = reserved(list(actor.scopes.get("pick", ())), numbers=[paper.number], limit=MOST_KEPT)
    return paper


def returns(flow: str, actor: Actor) -> Papers:
    """What may go back to its supplier now. Two statements."""
    found = supplier_returns(actor, states=MAY_GO_BACK, limit=MOST_RETURNS)
    return [back for back in found if actor.may("return_goods", back.place.path)]


def open_to_keep(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """Of a requisition what may be kept for it yet: what is open and not kept already. Two statements at most."""
    prefetch_related_objects(papers, "lines__item")
    kept: Counter[tuple[str, int]] = Counter()
    for row in _rows(papers):
        kept[row.reserved_for, row.item_id] += row.pieces
    for paper in papers:
        lines = list(paper.lines.all())
        left = tuple(
            Left(pieces, line.item_id, line.item.name, line.lot)
            for line in lines
            if (pieces := line.open_to_pick - kept[paper.number, line.item_id]) > 0
        )
        yield todo_with(flow, kind, paper, sum(line.open_to_pick for line in lines), left)


def _rows(papers: Sequence[Any]) -> Sequence[Reserved]:
    """What is kept for papers: read with them already where they are listed. One statement at most."""
    if all(hasattr(paper, "kept_rows") for paper in papers):
        return [row for paper in papers for row in paper.kept_rows]
    return reserved_for([paper.number for paper in papers])


def kept_for_it(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What is kept for a paper, shelf by shelf. One statement, none without papers."""
    rows = _rows(papers)
    for paper in papers:
        left = tuple(
            Left(
                row.pieces, row.item_id, localised(row.item_name), row.lot, row.expiry,
                (row.serial,) if row.serial else (), localised(row.place_name),
            )
            for row in rows if row.reserved_for == paper.number
        )  # fmt: skip
        yield todo_with(flow, kind, paper, sum(each.pieces for each in left), left)


def going_back(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What lies on a return to its supplier. One statement, none without papers."""
    lines = SupplierReturnLine.objects.select_related("item", "lot", "unit").order_by("id")
    prefetch_related_objects(papers, Prefetch("lines", lines))
    for back in papers:
        left = tuple(
            Left(
                line.quantity, line.item_id, line.item.name, line.lot.number, line.lot.expiry,
                (line.unit.serial,) if line.unit else (),
            )
            for line in back.lines.all() if not line.used_despite
        )  # fmt: skip
        yield todo_with(flow, kind, back, sum(each.pieces for each in left), left)


def walked(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What is left to take on a walk for some requisitions, shelf after shelf. A dozen statements for each: none is told before
    it is chosen."""
    for wave in papers:
        members = members_of(wave)
        walk = walk_of(wave, members)
        left = [
            Left(leg.pieces, leg.item.pk, leg.item.name, leg.lot, leg.expiry, (), leg.place)
            for leg in walk.legs
        ]
        left += [Left(kit.pieces, kit.item.pk, kit.item.name) for kit in walk.kits]
        left += [Left(pieces, item.pk, item.name, lacking=True) for item, pieces in walk.lacking]
        asked = sum(line.quantity for each in members for line in each.lines.all())
        yield todo_with(flow, kind, wave, asked, tuple(left))

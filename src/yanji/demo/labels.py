"""Units whose maker gives no serial number: somebody prints the hospital's own labels for them before they are received."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from yanji.flows.labelling import assign_labels

from .record import Batch, Piece, Scene, Thing
from .stage import Stage
from .world import World

BEFORE = timedelta(minutes=4)  # so long before the scan they are printed and stuck on


def label(world: World, things: Sequence[Thing], place: str, who: str, at: datetime) -> None:
    """Label those of the things that have no name yet, lot by lot, before they are scanned at a moment. In memory they stay
    without: the verb numbers them when its moment comes."""
    sheets: dict[Batch, list[Piece]] = {}
    for thing in things:
        if isinstance(thing, Piece) and not thing.epc:
            sheets.setdefault(thing.batch, []).append(thing)
    for pieces in sheets.values():
        order = len(world.acts) + len(world.scenes)
        world.scenes.append(Scene(at - BEFORE, order, _printed(pieces, place, who)))


def _printed(pieces: Sequence[Piece], place: str, who: str) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        lot = pieces[0].batch
        done = stage.do(
            assign_labels, who, place_id=stage.rows.places[place], item_id=stage.rows.items[lot.item], count=len(pieces),
            lot=lot.number, expiry=lot.expiry, made=lot.made,
        )  # fmt: skip
        for piece, stuck_on in zip(pieces, done.facts["labels"], strict=True):
            piece.serial, piece.epc = stuck_on["number"], stuck_on["epc"]

    return play

"""Sends the simulated acts through the ledger's one door, in the order of time. A refusal is a bug of the simulation."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from yanji.ledger.api import Draft, Line, LotQuantity, NewQuantity, NewUnit, Step, correct, post
from yanji.ledger.models import Lot

from .clock import Clock
from .master import Rows
from .record import Act, Batch, Move, Piece, Scene
from .stage import Stage

COUNTED = (
    "catalog_",
    "flows_",
    "ledger_",
    "places_",
)  # tables that plans depend on, by their names' beginnings
ACTS_A_COMMIT = 300  # one commit for all of them: history is as long, and half as slow to write


class Poster:
    """Turns acts into drafts and posts them; remembers the ledger's ids of events and lots."""

    def __init__(self, rows: Rows, clock: Clock) -> None:
        self.rows, self.clock = rows, clock
        self.events: dict[str, str] = {}
        self._lots: dict[tuple[int, str, date | None], int] = {}
        self._last_lot = 0
        self.stage = Stage(rows, self.lot)

    def post_all(
        self, acts: list[Act | Scene], told: Callable[[datetime], None], progress: Callable[[int], None]
    ) -> None:
        """Let everything happen; ``told`` hears every day up to which moment the ledger knows everything."""
        day, looked_at = date.min, 0
        for done in range(0, len(acts), ACTS_A_COMMIT):
            progress(done)
            if done > 2 * looked_at:
                looked_at = done
                _count_tables()
            with transaction.atomic(), connection.cursor() as cursor:
                # Nothing is acknowledged to anybody yet: the disk hears of it with the last commit of the load.
                cursor.execute("SET LOCAL synchronous_commit = off")
                # Plans made while the tables were small would scan them when they are large.
                cursor.execute("DISCARD PLANS")
                for act in acts[done : done + ACTS_A_COMMIT]:
                    if act.known.date() > day:
                        day = act.known.date()
                        told(act.known)
                    self.clock.strike(act.known)
                    if isinstance(act, Scene):
                        act.play(self.stage)
                    else:
                        self._post(act)

    def _post(self, act: Act) -> None:
        actor, at = self.rows.actors[act.actor], self.clock(act.at)
        if act.step is Step.CORRECT:
            wrong = self.events[act.corrects]
            posted = correct(
                wrong, key=act.key, reason=act.reason, note=act.note, actor=actor, happened_at=at
            )
        else:
            posted = post(self._draft(act, at), actor=actor)
        assert not posted.repeated, act.key
        self.events[act.key] = posted.event_id

    def _draft(self, act: Act, at: datetime) -> Draft:
        rows = self.rows
        return Draft(
            step=act.step,
            key=act.key,
            happened_at=at,
            lines=tuple(self._line(move) for move in act.moves),
            documents=act.documents,
            reason=act.reason,
            note=act.note,
            witness_id=rows.people[act.witness] if act.witness else None,
            read_point_id=rows.places[act.read_point] if act.read_point else None,
            source_party_id=None if act.supplier is None else rows.suppliers[act.supplier],
            until=act.until,
            reserved_for=act.reserved_for,
        )

    def _line(self, move: Move) -> Line:
        rows, thing, batch = self.rows, move.thing, move.thing.batch
        to = rows.places[move.to] if move.to else None
        if isinstance(thing, Piece):
            if not move.new:
                return Line(thing.epc, to)
            return Line(
                NewUnit(
                    thing.epc, rows.items[batch.item], thing.serial, batch.number, batch.expiry, batch.made,
                    supplier_id=rows.suppliers[thing.supplier], order_number=thing.order, cost=thing.cost,
                ),
                to,
            )  # fmt: skip
        if not move.new:
            return Line(
                LotQuantity(self.lot(batch), Decimal(move.quantity), rows.places[move.from_place]), to
            )
        return Line(
            NewQuantity(
                rows.items[batch.item], Decimal(move.quantity), batch.number, batch.expiry, batch.made,
                supplier_id=rows.suppliers[thing.supplier], cost=thing.cost,
            ),
            to,
        )  # fmt: skip

    def lot(self, batch: Batch) -> int:
        """The id of a lot that the ledger has met."""
        key = (self.rows.items[batch.item], batch.number, batch.expiry)
        if key not in self._lots:
            found = Lot.objects.filter(pk__gt=self._last_lot).values_list("pk", "item_id", "number", "expiry")
            for pk, item, number, expiry in found:
                self._lots[item, number, expiry] = pk
                self._last_lot = max(self._last_lot, pk)
        return self._lots[key]


def _count_tables() -> None:
    """Tell the planner how large the tables have become; it would find that out only when much of the work is done."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name.startswith(COUNTED)]
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, sorted(names)))}")

"""Sends the simulated acts through the ledger's one door, in the order of time. A refusal is a bug of the simulation."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from yanji.ledger.api import Draft, Line, LotQuantity, NewQuantity, NewUnit, Step, correct, post
from yanji.ledger.models import Lot

from .master import Rows
from .record import Act, Batch, Move, Piece

MORNING = timedelta(hours=10, minutes=30)  # nothing of the last day happens later
ACTS_A_COMMIT = 300  # one commit for all of them: history is as long, and half as slow to write


class Clock:
    """Real time for simulated time. Loaded early in the day, the last morning is squeezed into what there was of it."""

    def __init__(self, today: date, now: datetime) -> None:
        self.midnight = datetime.combine(today, time(), timezone.get_default_timezone())
        self.share = min(1.0, max(0.0, (now - self.midnight) / MORNING))

    def __call__(self, at: datetime) -> datetime:
        if at < self.midnight or at > self.midnight + MORNING:
            return at
        return self.midnight + (at - self.midnight) * self.share


class Poster:
    """Turns acts into drafts and posts them; remembers the ledger's ids of events and lots."""

    def __init__(self, rows: Rows, clock: Clock) -> None:
        self.rows, self.clock = rows, clock
        self.events: dict[str, str] = {}
        self._lots: dict[tuple[int, str, date | None], int] = {}
        self._last_lot = 0

    def post_all(self, acts: list[Act], progress: Callable[[int], None]) -> None:
        for done in range(0, len(acts), ACTS_A_COMMIT):
            progress(done)
            with transaction.atomic(), connection.cursor() as cursor:
                # Nothing is acknowledged to anybody yet: the disk hears of it with the last commit of the load.
                cursor.execute("SET LOCAL synchronous_commit = off")
                # Plans made while the tables were small would scan them when they are large.
                cursor.execute("DISCARD PLANS")
                for act in acts[done : done + ACTS_A_COMMIT]:
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

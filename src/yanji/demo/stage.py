"""Where the demo's people use the flows' own verbs: names become rows, and what a verb answered is remembered."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from yanji.flows import attempts
from yanji.flows.acts import Done
from yanji.flows.announced import Announced
from yanji.flows.approval import decide
from yanji.flows.arrival import Arrival
from yanji.flows.models_approval import Approval
from yanji.flows.witness import Witness
from yanji.ledger.api import LotQuantity, Refused

from .master import Rows
from .record import Batch, Piece, Thing

if TYPE_CHECKING:
    from .paperwork import Filing

Later = Callable[["Stage"], Any]  # what only the stage knows: the id behind a name


class Stage:
    """The rows behind the demo's names, for scenes. ``lot`` gives the ledger's id of a lot that it has met."""

    def __init__(self, rows: Rows, lot: Callable[[Batch], int]) -> None:
        self.rows, self.lot = rows, lot
        self.filing: Filing  # the documents of the daily work, as far as they are written
        self.done: dict[str, Done] = {}
        self._acts = 0

    def do(self, verb: Callable[..., Done], who: str, *, name: str = "", **given: Any) -> Done:
        """Let somebody do something; under ``name`` later scenes find what came of it."""
        done = verb(actor=self.rows.actors[who], key=self._key(verb), **self._known(given))
        if name:
            assert name not in self.done, name
            self.done[name] = done
        return done

    def refused(self, verb: Callable[..., Done], who: str, **given: Any) -> str:
        """Let somebody try what must be refused: nothing is written but that it was tried. The refusal's code."""
        actor, known = self.rows.actors[who], self._known(given)
        try:
            # Undone to here, as the verb's own transaction would be were this not part of a longer one.
            with transaction.atomic():
                verb(actor=actor, key=self._key(verb), **known)
        except Refused as refusal:
            attempts.keep(refusal, actor=actor, verb=verb.__name__)
            return refusal.code
        except attempts.Others as others:
            others.kept = False  # what the verb itself kept was undone just now
            attempts.keep_others(others, actor=actor, verb=verb.__name__)
            return "others"
        raise AssertionError(f"{verb.__name__} was not refused")

    def decide(self, who: str, kind: str, name: str, *, approve: bool = True, comment: str = "") -> Done:
        """Let somebody decide the step that a document waits for."""
        waiting = Approval.objects.filter(kind=kind, document_id=self.done[name].id, state="waiting")
        step = waiting.order_by("level").values_list("pk", flat=True)[0]
        return self.do(decide, who, approval_id=step, approve=approve, comment=comment)

    def things(self, things: Iterable[Thing], at: str = "") -> list[str | LotQuantity]:
        """As the verbs are given them; ``at`` is where counted things lie, if not on their shelf."""
        return [
            thing.epc
            if isinstance(thing, Piece)
            else LotQuantity(
                self.lot(thing.batch), Decimal(thing.quantity), self.rows.places[at or thing.place]
            )
            for thing in things
        ]

    def _key(self, verb: Callable[..., Done]) -> str:
        self._acts += 1
        return f"demo:{verb.__name__}:{self._acts}"

    def _known(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value(self) if callable(value) else value for name, value in given.items()}


def place(code: str) -> Later:
    return lambda stage: stage.rows.places[code]


def item(number: int) -> Later:
    return lambda stage: stage.rows.items[number]


def supplier(number: int) -> Later:
    return lambda stage: stage.rows.suppliers[number]


def made(name: str) -> Later:
    """The document that an earlier scene made under this name."""
    return lambda stage: stage.done[name].id


def entered(name: str) -> Later:
    """The ledger's entry that an earlier scene under this name led to."""
    return lambda stage: stage.done[name].events[-1]


def these(things: Iterable[Thing], at: str = "") -> Later:
    kept = list(things)
    return lambda stage: stage.things(kept, at)


def arrivals(things: Iterable[Piece], rejected: Mapping[str, str] | None = None) -> Later:
    """The scans of new units at the door; ``rejected``: identity -> the reason."""
    kept = list(things)
    return lambda stage: [
        Arrival(
            stage.rows.items[thing.item], thing.epc, thing.serial, thing.batch.number, thing.batch.expiry,
            thing.batch.made, rejected=(rejected or {}).get(thing.epc, ""),
        )
        for thing in kept
    ]  # fmt: skip


def announced(things: Iterable[Piece], *, box: str = "", pallet: str = "") -> Later:
    """The lines of a ship notice over new units."""
    kept = list(things)
    return lambda stage: [
        Announced(
            stage.rows.items[thing.item], thing.serial, thing.batch.number, thing.batch.expiry, made=thing.batch.made,
            box=box, pallet=pallet,
        )
        for thing in kept
    ]  # fmt: skip


def witness(username: str) -> Later:
    """Somebody who stood beside and signed."""
    return lambda stage: Witness(
        stage.rows.people[username], stage.rows.names[username], stage.rows.actors[username]
    )

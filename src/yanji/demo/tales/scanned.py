"""Acts of the scan page: labels and numbers as they were scanned, sent as a device sends them."""

from collections.abc import Callable, Sequence

from django.utils import timezone

from yanji.flows.handheld.about import About, Scanned
from yanji.flows.handheld.models import SentState
from yanji.flows.handheld.sending import Sending, send, settle
from yanji.identity import named_label
from yanji.ledger.api import Refused

from ..record import Piece
from ..stage import Stage

Scans = Sequence[str] | Callable[[Stage], Sequence[str]]


def label(thing: Piece) -> str:
    """What stands on it."""
    return named_label(thing.epc, lot=thing.batch.number, expiry=thing.batch.expiry).hri


def between(name: str, things: Sequence[Piece]) -> Callable[[Stage], list[str]]:
    """The number of a paper, the labels of things, and the number once more."""
    return lambda stage: [stage.done[name].number, *map(label, things), stage.done[name].number]


def sent(
    who: str,
    key: str,
    scans: Scans,
    *,
    flow: str = "put_away",
    handed_to: str = "",
    becomes: SentState = SentState.ACCEPTED,
    because: str = "",
) -> Callable[[Stage], None]:
    """One act of the scan page, and what its sender made of a refusal."""

    def play(stage: Stage) -> None:
        actor, now = stage.rows.actors[who], timezone.now()
        texts = scans(stage) if callable(scans) else scans
        read = [Scanned(text, at=now) for text in texts]
        sending = Sending(key, flow, read, About(handed_to=handed_to), now, now)
        try:
            send(sending, actor=actor)
        except Refused:
            assert because, key
            settle(sending, actor=actor, state=becomes, because=because)
        else:
            assert not because, key

    return play

"""Each refusal with a way out: the page where what stands in the way can be seen or dealt with."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.flows.alternatives import WayOut, ways_out
from yanji.ledger.api import Offence, Refused

from . import codes, nav

MOST_LINES = 50
# Where the thing itself tells more: its page shows where it is, what it was, and what can be done next.
SHOWS_UNIT = frozenset(
    """wrong_status already_used used_on_a_patient expired recalled on_hold reserved elsewhere wrong_place same_place
    wrong_temperature duplicate_identity duplicate_serial moved_on""".split()
)
WAYS: dict[str, tuple[str, Any]] = {
    "unknown_unit": ("web:search", _("Look it up")),
    "unknown_item": ("masterdata:items", _("To the catalogue")),
    "unknown_place": ("masterdata:places", _("To the places")),
    "licence_lapsed": ("masterdata:suppliers", _("To the suppliers")),
}


def way_out(offence: Offence, actor: Actor | None = None) -> tuple[str, str] | None:
    """Address and label of the page that helps, or None where the sentence is all there is to say.

    ``actor``: who reads it; what not everybody may do is offered only to who may.
    """
    if offence.code == "on_hold" and actor and actor.may("hold", offence.facts.get("path")):
        address = nav.address_of("storeroom:hold")
        if address:
            return f"{address}?do=release&scan={quote(offence.thing, safe='')}", str(_("Release it"))
    if offence.code in SHOWS_UNIT and "/" in offence.thing:
        return codes.unit_address(offence.thing), str(_("See the unit"))
    if offence.code in WAYS:
        name, label = WAYS[offence.code]
        address = nav.address_of(name)
        if address and name == "web:search" and offence.thing:
            address += f"?q={quote(offence.thing)}"
        return (address, str(label)) if address else None
    return None


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a refusal, the page that helps, and where others of the same item lie."""

    sentence: str
    way: tuple[str, str] | None
    others: tuple[WayOut, ...] = ()


def lines_of(refused: Refused, actor: Actor | None) -> list[Line]:
    """The refusal as it is shown; of each thing the nearest others are named once. Two statements, none where no other helps."""
    free = ways_out(refused, actor=actor) if actor else {}
    return [
        Line(offence.sentence(), way_out(offence, actor), tuple(free.pop(offence.thing, ())[:1]))
        for offence in refused.offences[:MOST_LINES]
    ]

"""The administrator's look: people and grants, rows put aside, the log."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.flows.rfid.queries import readers_near
from yanji.insight.health import health
from yanji.ledger.api import last_replay
from yanji.watch.happenings import recent

from .. import nav
from .tiles import tile, when


def administrator(actor: Actor) -> dict[str, Any]:
    """Who may do what; are the data and the log in order?"""
    found = health(timezone.localdate())
    readers, now = readers_near(actor), timezone.now()
    silent = sum(reader.silent(now) for reader in readers)
    tiles = [
        tile(
            _("People"),
            found.people,
            "masterdata:people",
            note=_("%(n)s without a role") % {"n": found.people_without_grant},
            tone=when(found.people_without_grant, "soon"),
        ),
        tile(
            _("Grants"),
            found.grants,
            "masterdata:people",
            note=_("%(n)s end within 30 days") % {"n": found.grants_ending_soon},
            tone=when(found.grants_ending_soon, "soon"),
        ),
        tile(
            _("Rows put aside"),
            found.quarantined,
            "masterdata:quarantine",
            note=_("Imports and unknown scans"),
            tone=when(found.quarantined, "bad"),
        ),
        tile(
            _("Provisional items"),
            found.provisional_items,
            "masterdata:items",
            "?state=provisional",
            note=_("Master data to complete"),
            tone=when(found.provisional_items, "soon"),
        ),
        tile(
            _("RFID readers at work"),
            len(readers),
            "storeroom:readers",
            note=_("%(n)s are silent") % {"n": silent},
            tone=when(silent, "bad"),
        ),
        tile(
            _("Log position"),
            found.log_position,
            note=_("%(n)s wait for their position") % {"n": found.unsequenced},
            tone="info",
        ),
    ]
    return {
        "tiles": tiles,
        # As long as nothing has moved, the house is being furnished.
        "first_steps": [] if found.log_position or found.unsequenced else _first_steps(actor),
        "health": found,
        "replayed": last_replay(),
        "happenings": recent(paths=actor.scopes.get(Operation.VIEW, ()), limit=10),
    }


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What an empty hospital needs before anything can move, and where it is entered."""

    href: str
    icon: str
    label: str
    text: str


def _first_steps(actor: Actor) -> list[FirstStep]:
    """In the order in which each builds on the one before; those that the reader may take."""
    steps = (
        (
            Operation.EDIT_PLACES,
            "masterdata:places",
            "map-pin",
            _("Add places"),
            _("Campuses, then their stores and departments"),
        ),
        (
            Operation.EDIT_ACCESS,
            "masterdata:people",
            "users",
            _("Add people"),
            _("Each with a role at a place"),
        ),
        (
            Operation.EDIT_CATALOG,
            "masterdata:imports",
            "table-import",
            _("Import tables"),
            _("Items, suppliers, places and people from spreadsheets"),
        ),
    )
    return [
        FirstStep(nav.address_of(name), icon, label, text)
        for operation, name, icon, label, text in steps
        if actor.may(operation)
    ]

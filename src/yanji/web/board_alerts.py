"""What on the board is not as it should be, with the way to what must be seen to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.flows.buying.due import UNSHOWN, counted, papers_seen
from yanji.flows.buying.unshown import more
from yanji.flows.consign.queries import overdue_sets
from yanji.flows.rfid.queries import silent_readers
from yanji.flows.theatre.queries import open_differences
from yanji.ledger.api import Status

from .board_figures import Figures, Look
from .nav import open_address
from .templatetags.yanji import amount, moment, named


@dataclass(frozen=True, slots=True)
class Behind:
    """One of what an alert counts, with the things that it is about."""

    name: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody must see to: how many, and where."""

    label: str
    count: Decimal | int
    icon: str
    tone: str
    href: str = ""
    more: str = ""  # "+" where there may be more of it than were counted
    whole: bool = False  # of all families and suppliers, though the board looks at one
    behind: Sequence["Behind"] = ()  # told on the board itself to who may not open the page of it
    key: str = ""

    @property
    def said(self) -> str:
        return f"{amount(self.count)}{self.more}"


def alerts(actor: Actor, look: Look, figures: Figures) -> list[Alert]:
    """What is not as it should be, the worst first; nothing that counts nothing."""
    expired = figures.of(lambda cell: cell.bin == 0)[0]
    recalled = figures.of(lambda cell: cell.status == Status.RECALLED)[0]
    held = figures.of(lambda cell: cell.status == Status.QUARANTINED)[0]
    lapsing = counted(papers_seen(actor, today=timezone.localdate()))
    # Cases, readers, loan sets and papers are of no one family: an alarm does not go away because somebody chose one, but
    # says that it is of the whole place.
    whole = bool(look.cut.family or look.cut.supplier_id)
    found = [
        Alert(
            _("Recalled pieces in the house"), recalled, "alert-octagon", "bad",
            figures.stock(status=Status.RECALLED),
        ),
        Alert(_("Expired, still in the house"), expired, "calendar-x", "bad", figures.stock(days=-1)),
        _told(
            actor, "theatre:cases", _cases(look, actor), whole=whole,
            label=_("Cases that do not balance"), icon="alert-triangle", tone="bad", key="cases",
        ),
        _told(
            actor, "storeroom:readers", _readers(look, actor), whole=whole,
            label=_("Readers that are silent"), icon="access-point-off", tone="bad", key="readers",
        ),
        Alert(_("Papers lapsed"), lapsing[0], "license-off", "bad", _papers(0), whole=whole),
        Alert(
            _("Papers that lapse within 30 days"), lapsing[30], "license", "soon", _papers(30), whole=whole,
        ),
        Alert(
            _("Papers never shown"), lapsing[UNSHOWN], "file-unknown", "soon",
            _papers("never"), more(lapsing[UNSHOWN]), whole=whole,
        ),
        _told(
            actor, "storeroom:loans", _sets(look, actor), whole=whole,
            label=_("Loan sets past their day"), icon="briefcase", tone="soon", key="sets",
        ),
        Alert(
            _("On hold, waits for a decision"), held, "hand-stop", "soon",
            figures.stock(status=Status.QUARANTINED),
        ),
        *(
            Alert(label, lapsing[level], "license", "info", _papers(level), whole=whole)
            for level, label in (
                (60, _("Papers that lapse in 31 to 60 days")), (90, _("Papers that lapse in 61 to 90 days")),
            )
        ),
    ]  # fmt: skip
    return [alert for alert in found if alert.count]


def _papers(level: int | str) -> str:
    return f"{reverse('buyer:papers')}?level={level}"


def _told(actor: Actor, page: str, behind: Sequence[Behind], *, key: str, **said: Any) -> Alert:
    """An alert that leads to its page, or for who may not open that to its rows on the board."""
    address = open_address(actor, page)
    href = address or f"#y-behind-{key}"
    return Alert(count=len(behind), href=href, behind=() if address else behind, key=key, **said)


def _cases(look: Look, actor: Actor) -> list[Behind]:
    """Cases that do not balance, without their numbers: who may open a case finds it on its page."""
    out = look.address("web:stock", actor, by="unit", status=Status.IN_USE)
    return [
        Behind(named(case.department), f"{amount(case.pieces)} · {moment(case.since)}", out)
        for case in open_differences(look.cut.paths)
    ]


def _readers(look: Look, actor: Actor) -> list[Behind]:
    return [
        Behind(
            reader.name, reader.place.name, look.address("web:stock", actor, by="unit", place=reader.place_id)
        )
        for reader in silent_readers(look.cut.paths, timezone.now())
    ]


def _sets(look: Look, actor: Actor) -> list[Behind]:
    """Loan sets past their day, each with what its supplier has in the department that it was lent to."""
    return [
        Behind(
            each.number, f"{each.agreement.supplier.name} · {each.department.name}",
            look.address(
                "web:stock", actor, by="unit", place=each.department_id, owner=each.agreement.supplier_id
            ),
        )
        for each in overdue_sets(look.cut.paths)
    ]  # fmt: skip

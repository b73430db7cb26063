"""The chain of custody of a unit as a file: who had it, where and when, from its announcement to where it is now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.flows.codes import codes_of
from yanji.flows.papers import Section, Sheet, letterhead
from yanji.flows.reasons import Labels, reason_words
from yanji.insight import sight
from yanji.ledger.api import Passage, UnitView, log_position
from yanji.places import temperature
from yanji.places.models import VIRTUAL, Kind
from yanji.places.queries import path_names

from .life import measured, owned
from .pdf import traced_pdf
from .templatetags.yanji import act, document, named, status_name, step_name
from .unit import seen_unit


@require_safe
def custody(request: HttpRequest, epc: str) -> HttpResponse:
    """The PDF; 404 where the unit's page would be. What points to a patient is in it only for who may see that there."""
    actor: Actor = request.actor
    position = log_position()  # before anything is read
    unit, passages = seen_unit(actor, epc)
    return traced_pdf(
        request,
        chain(actor, unit, passages),
        name=f"custody-{unit.serial or unit.id}",
        address=reverse("web:unit", args=(unit.epc,)),
        position=position,
    )


def chain(actor: Actor, unit: UnitView, passages: Sequence[Passage]) -> Sheet:
    """What the file says: every entry in order, also those that were taken back, each with both of its times."""
    sees = sight.patients_along(actor, passages)
    words = reason_words()
    where = _where(passages)
    rows = [
        _row(number, passage, seen, words, where)
        for number, (passage, seen) in enumerate(zip(passages, sees, strict=True), start=1)
    ]
    columns = (
        "", _("Happened, recorded"), _("Step"), _("From, to"), _("Person"), _("Documents and reason"), _("Temperature and owner"),
    )  # fmt: skip
    return Sheet(
        title=_("Chain of custody"),
        number=unit.epc,
        state=status_name(unit.status),
        head=letterhead(unit.place_path),
        facts=[*_facts(unit), (_("Tags and second codes"), _tags(unit))],
        sections=[Section(_("What happened"), columns, rows)],
        note=_(
            "Entries of the log are never changed: what was wrong is taken back by an entry of its own, and stands here too."
        ),
        across=True,
    )


def _facts(unit: UnitView) -> list[tuple[str, Any]]:
    return [
        (_("Item"), named(unit.item_name)),
        (_("Item code"), " · ".join(filter(None, (unit.item_code, unit.item_model)))),
        (_("Serial number"), unit.serial),
        (_("Lot"), unit.lot),
        (_("Expiry date"), unit.expiry),
        (_("Supplier"), named(unit.supplier)),
        (_("Order"), unit.order_number),
        (_("Owner"), named(unit.owner) or _("The hospital")),
        (_("Place"), named(unit.place_name)),
        (_("Custodian"), named(unit.custodian)),
        (_("Must be kept at"), temperature.CLASSES[unit.item_temperature_class].name),
    ]


def _tags(unit: UnitView) -> str:
    return " · ".join(each.code for each in codes_of(unit.id) if each.released_at is None)


# Of the way to a place, what a reader from outside must know beside the place itself.
NAMED = frozenset({Kind.CAMPUS, Kind.STORE, Kind.DEPARTMENT})


def _where(passages: Sequence[Passage]) -> dict[int, str]:
    """Every place that the unit was at, with its campus and its store or department. One statement."""
    found = path_names({key for passage in passages for key in (passage.from_place_id, passage.to_place_id)})
    return {
        key: " / ".join(
            name
            for at, (name, kind) in enumerate(zip(path.names, path.kinds, strict=True), start=1)
            if kind in NAMED or at == len(path.names)
        )
        for key, path in found.items()
    }


def _row(number: int, passage: Passage, sees: bool, words: Labels, where: dict[int, str]) -> tuple[Any, ...]:
    start, end = where[passage.from_place_id], where[passage.to_place_id]
    papers = [document(kind, said, sees) for kind, said in passage.documents.items() if kind != "corrects"]
    reason = words.of(passage.reason, step=passage.step) if passage.reason else ""
    undone = _("taken back") if passage.corrected_by else ""
    return (
        str(number),
        f"{_exact(passage.happened_at)}\n{_exact(passage.recorded_at)}",
        "\n".join(filter(None, (step_name(act(passage)), undone))),
        end if start == end else f"{start} →\n{end}",
        "\n".join(filter(None, (_people(passage), passage.device))),
        "\n".join(filter(None, (*papers, reason, passage.note))),
        "\n".join(filter(None, (_kept(passage), _owner(number, passage)))),
    )


def _exact(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def _people(passage: Passage) -> str:
    done_by = " + ".join(named(who) for who in (passage.actor, passage.witness) if who)
    taken_by = named(passage.taken_by) if passage.taken_by else ""
    return f"{done_by} → {taken_by}" if taken_by else done_by


def _kept(passage: Passage) -> str:
    """What was measured on the way, or else what the place reached is kept at; of what is no place of the house nothing."""
    if passage.to_place_kind in VIRTUAL:
        return measured(passage)
    return measured(passage) or str(temperature.CLASSES[passage.temperature_class].name)


def _owner(number: int, passage: Passage) -> str:
    """Whose it came as, in the first row, and every change after that."""
    if number > 1:
        return owned(passage)
    return _("Owner: %(owner)s") % {"owner": named(passage.to_owner) or _("The hospital")}

"""The auditor's look: who did what to which record, what was refused and taken back, and whether the record can be believed."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.access.operations import Operation
from yanji.flows.attempts import attempts
from yanji.flows.called import call_again
from yanji.insight.audit import Entries, entries
from yanji.insight.health import health
from yanji.ledger.api import last_replay

from ..verb_words import verb_words
from .tiles import LISTED, Tile, said, tile, when

DAYS, MOST_PEOPLE, SHOWN = 30, 50, 15


def auditor(actor: Actor, who: str = "") -> dict[str, Any]:
    """Who did what to which record, and can I prove it? ``who``: of people of this name alone. Thirteen statements at most."""
    now, who = timezone.now(), who.replace("\0", "").strip()[:80]
    paths, since = actor.scopes.get(Operation.VIEW, ()), now - timedelta(days=DAYS)
    people = _named(who) if who else None
    nobody = people == []
    acts = Entries([]) if nobody else entries(paths, since=since, people=people, limit=SHOWN)
    undone = (
        Entries([]) if nobody else entries(paths, since=since, people=people, taken_back=True, limit=SHOWN)
    )
    back = len(undone.found)
    refused = attempts(actor, text=who)
    late = refused.filter(at__gte=now - timedelta(days=7)).count()
    shown = list(refused[:LISTED])
    call_again(shown, actor)
    for attempt in shown:
        attempt.act = verb_words(attempt.verb)
    found, replayed = health(timezone.localdate()), last_replay()
    tiles = [
        _soundness(replayed),
        tile(
            _("Log position"), found.log_position, note=_("%(n)s wait for their position") % {"n": found.unsequenced},
            tone=when(found.unsequenced, "info"),
        ),
        tile(
            _("Refused in 7 days"), late, "manager:attempts", f"?q={quote(who)}" if who else "", tone=when(late, "soon"),
            note=said(late, _("What a rule stopped")),
        ),
        tile(
            _("Taken back in 30 days"), f"{back}{'+' if back == SHOWN or undone.among else ''}", "web:home", "?as=auditor#undone",
            tone=when(back, "info"), note=said(back or undone.among, _("Each stands beside its correction")),
        ),
    ]  # fmt: skip
    return {
        "tiles": tiles,
        "who": who,
        "acts": acts.found,
        "among": acts.among,
        "undone": undone.found[:LISTED],
        "undone_among": undone.among,
        "attempts": shown,
        "replayed": replayed,
    }


def _named(who: str) -> list[int]:
    """People of this name, in either language, or of this account."""
    named = Q(username__icontains=who) | Q(name_zh__icontains=who) | Q(name_en__icontains=who)
    return list(Person.objects.filter(named).order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])


def _soundness(replayed: Any) -> Tile:
    label = _("Does the present follow from the history?")
    if replayed is None:
        return tile(label, "–", note=_("Not checked yet"), tone="soon")
    if replayed.differences:
        return tile(label, replayed.differences, note=_("Differences found"), tone="bad")
    return tile(label, _("Yes"), note=_("Every movement replayed, no difference"), tone="ok")

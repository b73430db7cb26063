"""Who is told of what: rules that a hospital edits in a page (as those of approval are, decision 0009)."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Person, Role
from yanji.flows.acts import Done, verb
from yanji.flows.gates import check, place_at
from yanji.flows.queries import within
from yanji.ledger.api import Refused
from yanji.places.actions import holds_everywhere
from yanji.places.rules import REAL_KINDS

from .kinds import KINDS
from .models import Rule

MOST_MINUTES = 30 * 24 * 60
# How a person hears of it besides the list in the app, which tells everything.
CHANNELS = {"email": _("E-mail"), "push": _("On the phone or computer")}


def rules_for(actor: Actor, *, kind: str = "") -> list[Rule]:
    """The rules of the whole house, and of the places where the actor edits rules; ended ones last. One statement."""
    found = Rule.objects.filter(Q(place__isnull=True) | within("place", actor.scopes.get("edit_rules", ())))
    found = found.filter(kind=kind) if kind else found
    shown = found.select_related("place", "role", "person", "escalate_to", "edited_by")
    order = {code: at for at, code in enumerate(KINDS)}
    rows = list(shown.order_by("place__path", "pk"))
    return sorted(rows, key=lambda rule: (not rule.active, order.get(rule.kind, len(order))))


def rule_for(actor: Actor, rule_id: int, *, lock: bool = False) -> Rule:
    """One rule that the actor may edit; hidden and absent answer alike. Raises :class:`Refused` for one of the whole house
    where the actor does not keep the rules everywhere."""
    found = Rule.objects.select_related("place", "role", "person")
    found = found.select_for_update(of=("self",)) if lock else found
    rule = found.filter(pk=rule_id).first() if 0 < rule_id < 2**63 else None
    if rule is None:
        raise NotFound("notification rule")
    if rule.place is None:
        _demand_everywhere(actor)
    else:
        check(actor, [rule.place.path], may="edit_rules", thing=str(KINDS[rule.kind].title))
    return rule


def person_named(username: str) -> int | None:
    """The id of somebody of the hospital who signs in by this name. One statement."""
    found = Person.objects.filter(username__iexact=username, is_active=True, supplier=None)
    return found.values_list("pk", flat=True).first()


@verb
def add_rule(
    *, actor: Actor, key: str, kind: str, place_id: int | None, role_id: int | None = None,
    person_id: int | None = None, channels: Sequence[str] = (), escalate_after: int | None = None,
    escalate_to_id: int | None = None,
) -> Done:  # fmt: skip
    """From now on, matters of a kind at a place and below (None: everywhere) are told to a role, or to one person."""
    if kind not in KINDS:
        raise Refused("unknown_notification_kind", thing=kind)
    if place_id is None:
        _demand_everywhere(actor)
    else:
        place_at(actor, place_id, may="edit_rules", kinds=REAL_KINDS)
    rule = Rule(kind=kind, place_id=place_id)
    return _filled(rule, actor, role_id, person_id, channels, escalate_after, escalate_to_id)


@verb
def edit_rule(
    *, actor: Actor, key: str, rule_id: int, role_id: int | None = None, person_id: int | None = None,
    channels: Sequence[str] = (), escalate_after: int | None = None, escalate_to_id: int | None = None,
) -> Done:  # fmt: skip
    """Change whom a rule tells. It holds for what is open already, too."""
    rule = rule_for(actor, rule_id, lock=True)
    return _filled(rule, actor, role_id, person_id, channels, escalate_after, escalate_to_id)


@verb
def set_rule_active(*, actor: Actor, key: str, rule_id: int, active: bool) -> Done:
    """End a rule, or let it hold again."""
    rule = rule_for(actor, rule_id, lock=True)
    rule.active = active
    return _saved(rule, actor)


def _filled(
    rule: Rule, actor: Actor, role_id: int | None, person_id: int | None, channels: Sequence[str],
    escalate_after: int | None, escalate_to_id: int | None,
) -> Done:  # fmt: skip
    if role_id and person_id:
        raise Refused("notification_rule_for_two")
    if bool(escalate_after) != bool(escalate_to_id) or not 0 <= (escalate_after or 0) <= MOST_MINUTES:
        raise Refused("notification_escalation_half", most=MOST_MINUTES)
    if unknown := [each for each in channels if each not in CHANNELS]:
        raise Refused("unknown_channel", thing=", ".join(unknown))
    roles = {each for each in (role_id, escalate_to_id) if each}
    if Role.objects.filter(pk__in=roles).count() < len(roles):
        raise NotFound("role")
    if person_id and not Person.objects.filter(pk=person_id, is_active=True, supplier=None).exists():
        raise NotFound("person")
    rule.role_id, rule.person_id, rule.channels = role_id, person_id, sorted(set(channels))
    rule.escalate_after, rule.escalate_to_id = escalate_after or None, escalate_to_id or None
    return _saved(rule, actor)


def _saved(rule: Rule, actor: Actor) -> Done:
    rule.edited_by_id, rule.edited_at = actor.person_id, timezone.now()
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise Refused("notification_rule_twice") from error
    return Done(number=rule.kind, id=rule.pk, state="active" if rule.active else "ended")


def _demand_everywhere(actor: Actor) -> None:
    if not holds_everywhere(actor, "edit_rules"):
        raise Refused("rule_for_the_whole_house")

"""Who must approve which documents, from which amount on: rules that a hospital edits, and the choice among them."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Role
from yanji.ledger.api import Refused
from yanji.places.rules import REAL_KINDS, ids_of

from .acts import Done, verb
from .approval_kinds import KINDS, kind_label
from .gates import check, place_at
from .listed import common_path
from .models_approval import HIGHEST_LEVEL, ApprovalRule
from .queries import within

TOO_MUCH = 10**12


def covering(kind: str, path: str) -> list[ApprovalRule]:
    """The rules that hold for a kind at a path: those of the deepest place above it that has any. One statement."""
    return covering_each(kind, [path])[path]


def covering_each(kind: str, paths: Collection[str]) -> dict[str, list[ApprovalRule]]:
    """Path -> the rules that hold for a kind there. One statement for them all."""
    above = {path: ids_of(path) for path in paths}
    places = {place for ids in above.values() for place in ids}
    found = ApprovalRule.objects.filter(kind=kind, active=True, place_id__in=places).select_related("role")
    rules = list(found)
    return {
        path: deepest([rule for rule in rules if rule.place_id in ids], ids) for path, ids in above.items()
    }


def ruled_path(kind: str, paths: Sequence[str]) -> str:
    """Where approval is to be asked for things that lie at ``paths``: the deepest place that holds all of them.

    Raises :class:`Refused` where rules of different places hold for them: neither may be got around by the other. One
    statement.
    """
    ways = {path: ids_of(path) for path in paths}
    above = {key for ids in ways.values() for key in ids}
    rules = list(ApprovalRule.objects.filter(kind=kind, active=True, place_id__in=above))
    holding = {
        frozenset(rule.place_id for rule in deepest((r for r in rules if r.place_id in ids), ids))
        for ids in ways.values()
    }
    if len(holding) > 1:
        raise Refused("approval_differs")
    return common_path(paths)


def deepest(rules: Iterable[ApprovalRule], ids: Sequence[int]) -> list[ApprovalRule]:
    """Of rules at the places ``ids`` (from the root down), those of the last place that has one. Pure."""
    found = list(rules)
    depth = max((ids.index(rule.place_id) for rule in found), default=-1)
    return [rule for rule in found if ids.index(rule.place_id) == depth]


def needed(rules: Iterable[ApprovalRule], amount: Decimal | None) -> list[ApprovalRule]:
    """The rules that this amount reaches, in the order in which they are decided; no limit (None) reaches all. Pure."""
    reached = (rule for rule in rules if amount is None or rule.from_amount <= amount)
    return sorted(reached, key=lambda rule: rule.level)


def rules_for(actor: Actor, *, kind: str = "") -> list[ApprovalRule]:
    """The rules of the places where the actor edits rules, ended ones last. One statement."""
    found = ApprovalRule.objects.filter(within("place", actor.scopes.get("edit_rules", ())))
    if kind:
        found = found.filter(kind=kind)
    ordered = found.select_related("place", "role", "edited_by")
    return list(ordered.order_by("-active", "kind", "place__path", "level", "pk"))


def rule_for(actor: Actor, rule_id: int, *, lock: bool = False) -> ApprovalRule:
    """One rule where the actor edits rules; hidden and absent answer alike."""
    found = ApprovalRule.objects.select_related("place", "role")
    found = found.select_for_update(of=("self",)) if lock else found
    rule = found.filter(pk=rule_id).first() if 0 < rule_id < 2**63 else None
    if rule is None:
        raise NotFound("approval rule")
    check(actor, [rule.place.path], may="edit_rules", thing=kind_label(rule.kind))
    return rule


@verb
def add_rule(
    *, actor: Actor, key: str, kind: str, place_id: int, level: int, from_amount: Decimal, role_id: int
) -> Done:
    """From now on, documents of a kind at a place and below need this role's approval, from this amount on."""
    place = place_at(actor, place_id, may="edit_rules", kinds=REAL_KINDS)
    if kind not in KINDS:
        raise Refused("unknown_document_kind", thing=kind)
    rule = ApprovalRule(kind=kind, place=place)
    _fill(rule, actor, level=level, from_amount=from_amount, role_id=role_id)
    rule.save()
    return _done(rule)


@verb
def edit_rule(
    *, actor: Actor, key: str, rule_id: int, level: int, from_amount: Decimal, role_id: int
) -> Done:
    """Change what a rule asks for. Documents that wait already keep what they were asked under."""
    rule = rule_for(actor, rule_id, lock=True)
    _fill(rule, actor, level=level, from_amount=from_amount, role_id=role_id)
    rule.save()
    return _done(rule)


@verb
def set_rule_active(*, actor: Actor, key: str, rule_id: int, active: bool) -> Done:
    """End a rule, or let it hold again. It is never deleted: approvals were asked under it."""
    rule = rule_for(actor, rule_id, lock=True)
    rule.active = active
    rule.edited_by_id, rule.edited_at = actor.person_id, timezone.now()
    rule.save(update_fields=["active", "edited_by", "edited_at"])
    return _done(rule)


def _fill(rule: ApprovalRule, actor: Actor, *, level: int, from_amount: Decimal, role_id: int) -> None:
    if not 1 <= level <= HIGHEST_LEVEL:
        raise Refused("bad_approval_level", highest=HIGHEST_LEVEL)
    sound = from_amount.is_finite() and 0 <= from_amount < TOO_MUCH
    if not sound or from_amount != from_amount.quantize(Decimal("0.01")):
        raise Refused("bad_from_amount")
    if not Role.objects.filter(pk=role_id).exists():
        raise NotFound("role")
    rule.level, rule.from_amount, rule.role_id = level, from_amount, role_id
    rule.edited_by_id, rule.edited_at = actor.person_id, timezone.now()


def _done(rule: ApprovalRule) -> Done:
    return Done(number=rule.kind, id=rule.pk, state="active" if rule.active else "ended")

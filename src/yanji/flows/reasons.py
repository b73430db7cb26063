"""Reasons that people choose from: data that a hospital edits. The code is what the ledger keeps; the words are for the
page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused, Step
from yanji.places.actions import holds_everywhere

from .acts import Done, verb
from .models_reasons import ReasonCode

# What a group of reasons answers. A flow may add its own, with its seeds in a migration.
GROUPS = {
    "reject": _("Why goods are rejected on receipt"),
    "check_point": _("What is looked at when goods arrive"),
    "override": _("Why a unit is taken out of turn"),
    "unreserve": _("Why a reservation is ended"),
    "hold": _("Why something is put on hold"),
    "release": _("Why a hold is lifted"),
    "code_off": _("Why a tag or second code is taken off"),
    "recall_end": _("Why a recall is ended"),
    "return": _("Why something goes back to the store"),
    "scrap": _("Why something is scrapped"),
    "waste": _("Why something was opened and not used"),
    "explant": _("Why something was explanted"),
    "correct": _("Why an entry is taken back"),
    "count_variance": _("Why a count differs"),
    "transfer_difference": _("Why a transfer arrived differently"),
    "supplier_return": _("Why goods go back to the supplier"),
    "emergency": _("Why something was used before it was ordered, or although it must not have been"),
    "case_difference": _("Why a case does not balance"),
    "refund": _("Why a charge is refunded"),
    "loan_missing": _("Why a part of a loan set is missing"),
    "decline": _("Why a supplier declines a line"),
    "price_difference": _("Why an invoice differs from the price"),
}
# In which group an entry's reason is looked up first; one code may stand in several groups with other words.
GROUP_OF_STEP: dict[str, str] = {
    Step.REJECT: "reject",
    Step.PICK: "override",
    Step.UNRESERVE: "unreserve",
    Step.HOLD: "hold",
    Step.RECALL: "supplier_return",  # whose word for a recall it is
    Step.END_RECALL: "recall_end",
    Step.RELEASE: "release",
    Step.GIVE_BACK: "return",
    Step.SET_ASIDE: "scrap",
    Step.SCRAP: "scrap",
    Step.WASTE: "waste",
    Step.EXPLANT: "explant",
    Step.CORRECT: "correct",
    Step.LOSE: "count_variance",
    Step.FIND: "count_variance",
    Step.ARRIVE: "transfer_difference",
    Step.LOST_ON_WAY: "transfer_difference",
    Step.SEND_BACK: "supplier_return",
    Step.HAND_BACK: "supplier_return",
}
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
BETWEEN = 10  # so that a seed can be put between two others


def reasons(group: str) -> dict[str, str]:
    """Code -> words of the reasons that may be chosen now, in the reader's language, in their order. One statement."""
    assert group in GROUPS, group
    return {each.code: each.name for each in ReasonCode.objects.filter(group=group, active=True)}


def reasons_in(*groups: str) -> dict[str, dict[str, str]]:
    """:func:`reasons` of several groups. One statement."""
    assert set(groups) <= set(GROUPS), groups
    found: dict[str, dict[str, str]] = {group: {} for group in groups}
    for each in ReasonCode.objects.filter(group__in=groups, active=True):
        found[each.group][each.code] = each.name
    return found


def chosen(group: str, code: str) -> QuerySet[ReasonCode]:
    """A reason, where it may be chosen now: for a query around it."""
    assert group in GROUPS, group
    return ReasonCode.objects.filter(group=group, code=code, active=True)


def known(group: str) -> frozenset[str]:
    """The codes that may be chosen now. One statement."""
    return frozenset(reasons(group))


def check_reason(group: str, said: str, *, optional: bool = False) -> None:
    """Raises :class:`Refused` where no reason is given (unless ``optional``), or one that cannot be chosen now."""
    if not said.strip():
        if optional:
            return
        raise Refused("reason_needed")
    if said not in known(group):
        raise Refused("unknown_reason", thing=said)


def check_reasons(group: str, said: Iterable[str]) -> None:
    """The same for many, each given; one statement, none where there is none to look up."""
    given = set(said)
    if given and (unknown := given - known(group)):
        raise Refused.of([Offence("unknown_reason", each) for each in sorted(unknown)])


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of every reason there ever was, in one language; ``words``: (group, code) -> words."""

    words: Mapping[tuple[str, str], str]

    def of(self, said: str, *, group: str = "", step: str = "") -> str:
        """The words for what an entry says: a code, several joined by commas, or free text, which stays as it is."""
        first = group or GROUP_OF_STEP.get(step, "")
        return ", ".join(self._one(code, first) for code in said.split(", "))

    def _one(self, code: str, first: str) -> str:
        return next(
            (self.words[group, code] for group in (first, *GROUPS) if (group, code) in self.words), code
        )


def reason_words() -> Labels:
    """Every reason's words, ended ones too: history goes on being read. One statement."""
    return Labels({(each.group, each.code): each.name for each in ReasonCode.objects.all()})


# Editing


def all_reasons(group: str = "") -> list[ReasonCode]:
    """Every reason of one group, or of all, ended ones last. One statement."""
    found = ReasonCode.objects.filter(group=group) if group else ReasonCode.objects.all()
    return list(found.order_by("group", "-active", "position", "pk"))


def reason_of(actor: Actor, reason_id: int) -> ReasonCode:
    """One reason, for who edits reasons anywhere."""
    found = ReasonCode.objects.filter(pk=reason_id).first() if 0 < reason_id < 2**63 else None
    if found is None or not actor.may("edit_rules"):
        raise NotFound("reason")
    return found


@verb
def add_reason(*, actor: Actor, key: str, group: str, code: str, name_zh: str, name_en: str) -> Done:
    """Offer one more reason, at the end of its group."""
    _demand_editor(actor, group)
    if group not in GROUPS:
        raise Refused("unknown_reason_group", thing=group)
    if not CODE.fullmatch(code):
        raise Refused("bad_reason_code", thing=code)
    rows = _locked(group)
    last = max((row.position for row in rows), default=0)
    made = ReasonCode(group=group, code=code, position=last + BETWEEN)
    _name(made, name_zh, name_en)
    made.save()
    return _done(made)


@verb
def rename_reason(*, actor: Actor, key: str, reason_id: int, name_zh: str, name_en: str) -> Done:
    """Say it in other words, everywhere and in history too. The code stays."""
    reason, _rows = _for_change(actor, reason_id)
    _name(reason, name_zh, name_en)
    reason.save(update_fields=["name_zh", "name_en"])
    return _done(reason)


@verb
def move_reason(*, actor: Actor, key: str, reason_id: int, up: bool) -> Done:
    """Offer a reason one place earlier, or later; at the end of its group nothing changes."""
    reason, rows = _for_change(actor, reason_id)
    offered = [row for row in rows if row.active]
    here = next((n for n, row in enumerate(offered) if row.pk == reason.pk), None)
    there = None if here is None else here + (-1 if up else 1)
    if here is not None and there is not None and 0 <= there < len(offered):
        offered[here], offered[there] = offered[there], offered[here]
        for number, row in enumerate(offered, 1):
            row.position = number * BETWEEN
        ReasonCode.objects.bulk_update(offered, ["position"])
    return _done(reason)


@verb
def set_reason_active(*, actor: Actor, key: str, reason_id: int, active: bool) -> Done:
    """Stop offering a reason, or offer it again. What was said with it goes on being read."""
    reason, rows = _for_change(actor, reason_id)
    if not active and not any(row.active for row in rows if row.pk != reason.pk):
        raise Refused("last_reason", thing=reason.name)
    reason.active = active
    reason.save(update_fields=["active"])
    return _done(reason)


def _for_change(actor: Actor, reason_id: int) -> tuple[ReasonCode, list[ReasonCode]]:
    """The reason, and all of its group, locked."""
    seen = reason_of(actor, reason_id)
    _demand_editor(actor, seen.name)
    rows = _locked(seen.group)
    return next(row for row in rows if row.pk == reason_id), rows


def _locked(group: str) -> list[ReasonCode]:
    """A group's reasons in their order. Two who reorder it, or end its last two reasons, wait for each other here."""
    return list(ReasonCode.objects.select_for_update().filter(group=group).order_by("position", "pk"))


def _demand_editor(actor: Actor, thing: str) -> None:
    """Reasons are the same everywhere; only who edits rules at every place may change them."""
    if not holds_everywhere(actor, "edit_rules"):
        raise Refused("not_yours", thing=thing)


def _name(reason: ReasonCode, name_zh: str, name_en: str) -> None:
    reason.name_zh, reason.name_en = name_zh.strip(), name_en.strip()
    if not reason.name_zh or not reason.name_en:
        raise Refused("reason_unnamed", thing=reason.code)


def _done(reason: ReasonCode) -> Done:
    return Done(number=reason.code, id=reason.pk, state="active" if reason.active else "ended")

"""The hospital's own rules of buying: tolerances, what papers lead to that lapsed or were never shown, which goods need two
invoices."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done, verb
from ..validity import answers as answers_now
from .models import BuyingRules, PaperRule, TwoInvoiceRule

# What the law leaves no choice in: nothing is taken in whose licence or registration has lapsed. A paper that was never shown
# may be one that nobody has entered yet: what follows is the hospital's to say everywhere.
FIXED = frozenset({("receipt", "licence"), ("receipt", "registration")})


def demand(actor: Actor) -> None:
    """These rules are one for all places: who edits rules anywhere, or keeps contracts, may edit them."""
    if not (actor.may("edit_rules") or actor.may("contract")):
        raise NotFound("rules")


@verb
def set_rules(
    *,
    actor: Actor,
    key: str,
    over_delivery_percent: Decimal,
    price_tolerance_percent: Decimal,
    made_decides: bool,
    answers: Mapping[str, str],
    missing: Mapping[str, str] | None = None,
) -> Done:
    """How much may differ without a contract, and what follows at which stage where a paper has lapsed, and where it is
    ``missing``: was never shown (``order:licence`` -> ``refuse``). What is not named stays as it is."""
    demand(actor)
    offences = [
        Offence("bad_percent", facts={"value": str(percent)[:20]})
        for percent in (over_delivery_percent, price_tolerance_percent)
        if not percent.is_finite() or not 0 <= percent <= 100
    ]
    lapsed, never = _by_stage(answers), _by_stage(missing or {})
    known = {(stage, paper) for stage in PaperRule.Stage.values for paper in PaperRule.Paper.values}
    said = [*lapsed.items(), *never.items()]
    if any(pair not in known or answer not in PaperRule.Answer.values for pair, answer in said):
        offences.append(Offence("bad_paper_rule"))
    if offences:
        raise Refused.of(offences)
    BuyingRules.objects.update_or_create(
        pk=1,
        defaults={
            "over_delivery_percent": over_delivery_percent,
            "price_tolerance_percent": price_tolerance_percent,
            "made_decides": made_decides,
            "edited_by_id": actor.person_id,
            "edited_at": timezone.now(),
        },
    )
    kept = answers_now() if said else {}
    PaperRule.objects.bulk_create(
        [
            PaperRule(
                stage=stage, paper=paper, missing=never.get((stage, paper), rule.missing),
                answer=rule.lapsed if (stage, paper) in FIXED else lapsed.get((stage, paper), rule.lapsed),
            )
            for (stage, paper), rule in kept.items()
            if (stage, paper) in {*lapsed, *never}
        ],
        update_conflicts=True,
        unique_fields=["stage", "paper"],
        update_fields=["answer", "missing"],
    )  # fmt: skip
    return Done(number="buying", id=1)


def _by_stage(said: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """``order:licence`` -> ``refuse`` by stage and paper. Pure."""
    parted = ((name.partition(":"), answer) for name, answer in said.items())
    return {(stage, paper): answer for (stage, _, paper), answer in parted}


@verb
def set_two_invoice(
    *, actor: Actor, key: str, family: str, needed: bool, campus_id: int | None = None
) -> Done:
    """Whether goods of a family (empty: of all others) need the maker's invoice to the distributor, where they are ordered for
    a campus (None: for any that has no rule of its own)."""
    demand(actor)
    _campus(actor, campus_id)
    rule, _made = TwoInvoiceRule.objects.update_or_create(
        campus_id=campus_id, family=family.strip(), defaults={"needed": needed}
    )
    return Done(number=rule.family, id=rule.pk, state="needed" if needed else "not_needed")


@verb
def drop_two_invoice(*, actor: Actor, key: str, family: str, campus_id: int | None = None) -> Done:
    """A family has no rule of its own any more, at a campus or wherever that has none."""
    demand(actor)
    _campus(actor, campus_id)
    gone, _kinds = TwoInvoiceRule.objects.filter(campus_id=campus_id, family=family).delete()
    if not gone:
        raise NotFound("rule")
    return Done(number=family, state="dropped")


def two_invoice_rules() -> Sequence[TwoInvoiceRule]:
    """Those of every campus first, then campus by campus; by family, that of all others first. One statement."""
    return list(
        TwoInvoiceRule.objects.select_related("campus").order_by(
            F("campus__path").asc(nulls_first=True), "family"
        )
    )


def _campus(actor: Actor, campus_id: int | None) -> None:
    """A campus's own rule is for who edits rules or keeps contracts there."""
    if campus_id is None:
        return
    campus = Place.objects.filter(pk=campus_id, kind=Kind.CAMPUS).first()
    if campus is None:
        raise Refused("choose_again", field=str(Kind.CAMPUS.label))
    if not (actor.may("edit_rules", campus.path) or actor.may("contract", campus.path)):
        raise NotFound("rules")


Rules = Mapping[
    tuple[int | None, str], bool
]  # (campus or None for every one, family or "" for all others) -> needed


def needs_two(family: str, path: str, by_contract: bool | None, rules: Rules) -> bool:
    """Whether goods that are ordered for a place need the maker's invoice: the contract says, else the rules of its campus, else
    those of every campus; in each that of the family before that of all others.

    Pure. "Two invoices" (两票制): the first from the maker or importer to the distributor, the second from the
    distributor to the hospital, and none between.
    """
    if by_contract is not None:
        return by_contract
    here = [*ids_of(path), None]
    asked = ((campus, each) for campus in here for each in (family, ""))
    return next((rules[at] for at in asked if at in rules), False)

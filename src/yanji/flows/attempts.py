"""Refused attempts that matter: kept although everything else about them is undone, for who has to look into them."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused

# A slip of the hand is not kept. What is: a risk for a patient, a right that somebody lacks, a rule of money evaded.
MATTERS = frozenset(
    {
        "already_used", "expired", "recalled", "lot_recalled", "on_hold", "reserved", "wrong_temperature", "kept_wrong",
        "lot_reaches_further", "not_yours", "other_patient", "other_wristband", "of_other_patient",
        "consigned_not_there", "returned_kept_wrong", "store_keeps_none", "no_store_keeps",
        "licence_lapsed", "registration_lapsed", "not_consigned", "witness_is_actor", "witness_not_allowed",
        "attachment_active", "approval_by_participant", "recount_by_counter", "both_sides", "own_load", "own_load_back",
        "too_many_passwords", "approval_by_requester", "approval_twice", "approval_role_needed", "no_contract",
        "counted_already", "open_life_over", "supplier_licence_lapsed", "item_registration_lapsed", "authorisation_lapsed",
        "released_by_enterer", "payment_held", "price_needs_approval", "first_invoice_verified_by_enterer",
        "thing_not_sterilised", "not_sterilised", "confirmed_by_drafter", "taken_over_by_giver", "receiver_not_allowed",
        "lot_on_hold", "rejected_not_used", "supplier_licence_missing", "item_registration_missing", "authorisation_missing",
    }
)  # fmt: skip


ONCE_WITHIN = timedelta(hours=1)


class Others(NotFound):
    """What belongs to another supplier: answered as absent, and kept as an attempt."""

    def __init__(self, kind: str, *, thing: str) -> None:
        self.thing = thing
        self.kept = False
        super().__init__(kind)


class Attempt(models.Model):
    """One refused act: who tried what on which thing, and why it was not done."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    device = models.CharField(max_length=80, blank=True)
    verb = models.CharField(max_length=60)
    code = models.CharField(max_length=40)
    thing = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("refused attempt")
        verbose_name_plural = _("refused attempts")
        indexes = [models.Index(fields=["-at"], name="attempt_latest")]

    def sentence(self) -> str:
        """Why it was refused, in the reader's language."""
        return Offence(self.code, self.thing, self.facts).sentence()


def keep(refused: Refused, *, actor: Actor, verb: str) -> None:
    """Keep the offences that matter. To be called when the refused act's own transaction is over: one statement."""
    rows = [
        Attempt(
            actor_id=actor.person_id,
            device=actor.device,
            verb=verb[:60],
            code=offence.code,
            thing=offence.thing[:200].replace("\x00", ""),
            facts=offence.facts_kept(200),
        )
        for offence in refused.offences
        if offence.code in MATTERS
    ]
    if rows:
        Attempt.objects.bulk_create(rows)


def keep_scanned(offences: Iterable[Offence], *, actor: Actor, flow: str) -> None:
    """Keep what a scan was refused for on a page: most people get no further. The same again within the hour is one
    attempt. Two statements at most, none where nothing matters."""
    found = [offence for offence in offences if offence.code in MATTERS]
    if not found:
        return
    verb = f"scan: {flow}"
    lately = Attempt.objects.filter(actor_id=actor.person_id, verb=verb, at__gt=timezone.now() - ONCE_WITHIN)
    known = set(lately.values_list("code", "thing"))
    fresh = [offence for offence in found if (offence.code, offence.thing[:200]) not in known]
    if fresh:
        keep(Refused.of(fresh), actor=actor, verb=verb)


def keep_others(others: Others, *, actor: Actor, verb: str) -> None:
    """Keep, once, that somebody reached for what is another supplier's. Called when nothing of the act is left."""
    if others.kept:
        return
    others.kept = True
    Attempt.objects.create(
        actor_id=actor.person_id, device=actor.device, verb=verb[:60], code="others", thing=others.thing[:200]
    )


def attempts(actor: Actor, *, code: str = "", text: str = "") -> QuerySet[Attempt]:
    """Refused attempts, latest first. Raises :class:`NotFound` for who may not see them.

    They are not cut by place: what was tried where somebody has no right belongs to no place of theirs.
    """
    if not actor.may("audit"):
        raise NotFound("attempts")
    found = Attempt.objects.select_related("actor").order_by("-at", "-pk")
    if code:
        found = found.filter(code=code)
    if text:
        found = found.filter(
            models.Q(thing__icontains=text)
            | models.Q(actor__username__icontains=text)
            | models.Q(actor__name_zh__icontains=text)
            | models.Q(actor__name_en__icontains=text)
        )
    return found

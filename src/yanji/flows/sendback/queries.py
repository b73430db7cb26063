"""Returns to suppliers that somebody sees, and the credits that are overdue."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Prefetch, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from yanji.access.actor import Actor

from ..queries import within
from .models import CreditNote, SupplierReturn, SupplierReturnLine

OPEN_RETURNS = ("awaiting", "requested", "authorised", "sent")


def supplier_returns(
    actor: Actor,
    *,
    states: Sequence[str] = (),
    supplier_id: int | None = None,
    overdue_on: date | None = None,
    limit: int = 200,
) -> list[SupplierReturn]:
    """Returns of the places that the actor sees, latest first, with pieces (``pieces``) and credit notes. Two statements.

    ``overdue_on``: only those whose credit was due before that day and has not come in full.
    """
    pieces = SupplierReturnLine.objects.filter(supplier_return=OuterRef("pk")).values("supplier_return")
    found = SupplierReturn.objects.filter(within("place", actor.scopes.get("view", ())))
    found = found.filter(state__in=states) if states else found
    found = found.filter(supplier_id=supplier_id) if supplier_id else found
    found = found.filter(state="sent", credit_due__lt=overdue_on) if overdue_on else found
    found = found.select_related("place", "supplier", "actor").annotate(
        pieces=Coalesce(Subquery(pieces.annotate(all=Sum("quantity")).values("all")), 0)
    )
    notes = Prefetch("credits", CreditNote.objects.order_by("id"))
    return list(found.order_by("-id").prefetch_related(notes)[:limit])


def credit_awaited(actor: Actor) -> tuple[Decimal, Decimal]:
    """CNY that suppliers owe for returns, and of it what is overdue today."""
    owing = supplier_returns(actor, states=["sent"])
    today = timezone.localdate()
    late = [each for each in owing if each.credit_due and each.credit_due < today]
    return sum((each.short for each in owing), Decimal(0)), sum((each.short for each in late), Decimal(0))

"""Who owes whom what, since when; and what waits for whose confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Min, Prefetch, Sum

from yanji.access.actor import Actor

from ..queries import within
from .models import Lending, LendingLine, SettleUp

OPEN_LENDINGS = ("lent", "owed")


def lendings(actor: Actor, *, states: Sequence[str] = (), limit: int = 200) -> list[Lending]:
    """Lendings that the actor sees from either side, latest first, with lines and settlements. Three statements."""
    paths = actor.scopes.get("view", ())
    found = Lending.objects.filter(within("lender", paths) | within("borrower", paths))
    found = found.filter(state__in=states) if states else found
    found = found.select_related("lender", "borrower", "actor").prefetch_related(
        Prefetch("lines", LendingLine.objects.select_related("item").order_by("id")),
        Prefetch("settlements", SettleUp.objects.select_related("actor", "store").order_by("id")),
    )
    return list(found.order_by("-id")[:limit])


@dataclass(frozen=True, slots=True)
class Debt:
    """What one department owes another of one item: pieces, their share of the value lent, since when."""

    borrower: tuple[str, str]
    lender: tuple[str, str]
    item: tuple[str, str]
    item_code: str
    pieces: int
    value: Decimal
    since: datetime


def debts(actor: Actor) -> list[Debt]:
    """Who owes whom, the oldest debt first, where the actor sees either side. One statement."""
    paths = actor.scopes.get("view", ())
    rows = (
        LendingLine.objects.filter(
            within("lending__lender", paths) | within("lending__borrower", paths),
            lending__state__in=OPEN_LENDINGS,
            settled__lt=F("quantity"),
        )
        .values_list(
            "lending__borrower__name_zh", "lending__borrower__name_en", "lending__lender__name_zh",
            "lending__lender__name_en", "item__name_zh", "item__name_en", "item__code",
        )
        .annotate(
            pieces=Sum(F("quantity") - F("settled")),
            worth=Sum(F("value") * (F("quantity") - F("settled")) / F("quantity")),
            since=Min("lending__lent_at"),
        )
        .order_by("since")
    )  # fmt: skip
    return [
        Debt(
            (row[0], row[1]),
            (row[2], row[3]),
            (row[4], row[5]),
            row[6],
            row[7],
            row[8].quantize(Decimal("0.01")),
            row[9],
        )
        for row in rows
    ]

"""Every shared read of the catalogue; none costs more statements for more rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from .codes import spellings
from .models import (
    BillingCode,
    Dated,
    Item,
    ItemCode,
    Licence,
    Maker,
    Price,
    Quarantined,
    Registration,
    Supplier,
)

Row = TypeVar("Row", bound=Dated)


@dataclass(frozen=True, slots=True)
class KnownCode:
    """What a DI stands for: an item and how many units of it are inside."""

    item_id: int
    item_code: str
    issuer: str
    code: str
    level: str
    quantity: int
    active: bool
    provisional: bool


_BY_CODE = """
SELECT i.id, i.code, c.issuer, c.code, c.level, c.quantity, i.active, i.provisional
  FROM unnest(%s::text[], %s::text[]) AS asked(issuer, code)
  JOIN catalog_itemcode c ON c.issuer = asked.issuer AND c.code = asked.code
  JOIN catalog_item i ON i.id = c.item_id
"""


def items_by_code(codes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], KnownCode]:
    """(issuer, DI) -> what it stands for; codes unknown to the catalogue are left out. One statement for any number."""
    asked = sorted(set(codes))
    with connection.cursor() as cursor:
        cursor.execute(_BY_CODE, [[issuer for issuer, _ in asked], [code for _, code in asked]])
        found = [KnownCode(*row) for row in cursor.fetchall()]
    return {(known.issuer, known.code): known for known in found}


def item_by_code(issuer: str, code: str) -> KnownCode | None:
    return items_by_code([(issuer, code)]).get((issuer, code))


def search(
    text: str = "",
    *,
    maker_id: int | None = None,
    supplier_id: int | None = None,
    risk_class: str = "",
    temperature_class: str = "",
    flags: Sequence[str] = (),
    state: str = "active",
) -> QuerySet[Item]:
    """Items by any word of a name, initials, model, item code, label code or registration; every word must fit
    somewhere.

    ``flags`` name boolean fields that must be set; ``state`` is active, retired, provisional or all.
    """
    found = Item.objects.select_related("maker", "supplier").order_by("code")
    for word in text.replace("\0", "").split()[:6]:
        found = found.filter(_fits(word[:80]))
    exact = {
        "maker_id": maker_id, "supplier_id": supplier_id, "risk_class": risk_class, "temperature_class": temperature_class,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    found = found.filter(**{flag: True for flag in flags if flag in _FLAGS})
    return found.filter(**_STATES.get(state, {"active": True}))


_FLAGS = frozenset({"high_value", "implant", "sterile", "maker_serial"})
_STATES: dict[str, dict[str, bool]] = {
    "active": {"active": True}, "retired": {"active": False}, "provisional": {"provisional": True}, "all": {},
}  # fmt: skip


def _fits(word: str) -> Q:
    return (
        Q(name_zh__icontains=word)
        | Q(name_en__icontains=word)
        | Q(pinyin__contains=word.lower())
        | Q(code__istartswith=word)
        | Q(model__icontains=word)
        | Q(pk__in=ItemCode.objects.filter(code__in=spellings(word)).values("item_id"))
        | Q(pk__in=Registration.objects.filter(number=word).values("item_id"))
    )


def prices_on(day: date, item_ids: Iterable[int]) -> dict[tuple[int, int], Decimal]:
    """(item id, supplier id) -> price of one unit on a day."""
    rows = held_on(Price.objects.filter(item_id__in=set(item_ids)), day)
    return {
        (item_id, supplier_id): amount
        for item_id, supplier_id, amount in rows.values_list("item_id", "supplier_id", "amount")
    }


def held_on(rows: "QuerySet[Row]", day: date) -> "QuerySet[Row]":
    """The rows that hold on a day."""
    return rows.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


@dataclass(frozen=True, slots=True)
class ItemSheet:
    """One item with all that hangs on it."""

    item: Item
    codes: list[ItemCode]
    prices: list[Price]
    registrations: list[Registration]
    billing_codes: list[BillingCode]


def item_sheet(item_id: int) -> ItemSheet | None:
    """An item with its codes, prices and papers, the latest first; None when there is no such item."""
    item = Item.objects.select_related("maker", "supplier").filter(pk=item_id).first()
    if item is None:
        return None
    return ItemSheet(
        item,
        list(item.codes.order_by("quantity", "issuer", "code")),
        list(item.prices.select_related("supplier").order_by("-valid_from", "supplier__code")),
        list(item.registrations.order_by("-valid_from")),
        list(item.billing_codes.order_by("kind", "-valid_from")),
    )


def item_numbered(code: str) -> Item | None:
    """The item with the hospital's own code."""
    return Item.objects.filter(code=code).first()


def families() -> list[str]:
    """The names of the item families, for lists to choose from."""
    return list(
        Item.objects.exclude(family="").order_by("family").values_list("family", flat=True).distinct()
    )


def makers() -> QuerySet[Maker]:
    return Maker.objects.order_by("name_zh")


def suppliers(text: str = "", *, active: bool | None = True) -> QuerySet[Supplier]:
    """Suppliers by name, initials or code."""
    found = Supplier.objects.order_by("code")
    if active is not None:
        found = found.filter(active=active)
    for word in text.replace("\0", "").split()[:6]:
        found = found.filter(
            Q(name_zh__icontains=word)
            | Q(name_en__icontains=word)
            | Q(pinyin__contains=word.lower())
            | Q(code__istartswith=word)
        )
    return found


def licences_of(supplier_id: int) -> list[Licence]:
    """All papers of a supplier, past and to come, the latest of each kind first."""
    found = Licence.objects.filter(supplier_id=supplier_id).select_related("maker")
    return list(found.order_by("kind", "-valid_from"))


@dataclass(frozen=True, slots=True)
class Paper:
    """The state of one kind of licence of a supplier: the row that reaches furthest, and the days it has left."""

    licence: Licence
    days_left: int | None

    @property
    def lapsed(self) -> bool:
        return self.days_left is not None and self.days_left < 0


def papers(supplier_ids: Iterable[int], day: date) -> dict[int, list[Paper]]:
    """Supplier id -> one paper a kind, that which reaches furthest among those begun. One statement.

    ``days_left`` counts from ``day`` to the last valid day; None where no end is set.
    """
    begun = Licence.objects.filter(supplier_id__in=set(supplier_ids), valid_from__lte=day)
    rows = begun.order_by("supplier_id", "kind", F("valid_to").desc(nulls_first=True)).distinct(
        "supplier_id", "kind"
    )
    found: dict[int, list[Paper]] = {}
    for row in rows:
        left = (row.valid_to - day).days if row.valid_to else None
        found.setdefault(row.supplier_id, []).append(Paper(row, left))
    return found


def lapsed_on(day: date) -> list[tuple[Supplier, str]]:
    """Active suppliers and the kind of licence of which they have shown some, but none that holds on a day."""
    held = held_on(Licence.objects.filter(supplier=OuterRef("supplier"), kind=OuterRef("kind")), day)
    rows = (
        Licence.objects.filter(supplier__active=True)
        .filter(~Exists(held))
        .order_by("supplier__code", "kind")
        .distinct("supplier__code", "kind")
        .select_related("supplier")
    )
    return [(row.supplier, row.kind) for row in rows]


def quarantined(*, source: str = "", with_resolved: bool = False) -> QuerySet[Quarantined]:
    """Rows that an import or a scan could not place, the latest first."""
    found = Quarantined.objects.order_by("-created_at", "row")
    if source:
        found = found.filter(source=source)
    return found if with_resolved else found.filter(resolved_at__isnull=True)


def quarantine_sources() -> list[tuple[str, int]]:
    """Where open rows came from, and how many there are."""
    rows = Quarantined.objects.filter(resolved_at__isnull=True).values("source").annotate(rows=Count("pk"))
    return [(row["source"], row["rows"]) for row in rows.order_by("source")]

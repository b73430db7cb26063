"""Contracts, invoices and people who pay: what tests of buying start from."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.flows.approving import role, rule, signer
from tests.flows.site import Site, person
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.buying.contracts import Agreed, Terms, start_contract, write_contract
from yanji.flows.invoices.enter import Billed, enter_invoice
from yanji.flows.models import OrderLine
from yanji.flows.models_approval import Approval


def today() -> date:
    return timezone.localdate()


def contract(here: Site, *prices: tuple[Item, Any], start: bool = True, **terms: Any) -> Done:
    """A contract of the site's supplier over its campus, in force for a year."""
    wanted = prices or ((here.h.item, "90"),)
    days = {"valid_from": today() - timedelta(days=30), "valid_to": today() + timedelta(days=335)}
    done = write_contract(
        actor=here.purchasing,
        key=unique("k"),
        supplier_id=here.h.supplier.pk,
        place_id=here.h.campus.pk,
        terms=Terms(**{**days, **terms}),
        prices=[Agreed(item.pk, Decimal(price)) for item, price in wanted],
    )
    if start:
        start_contract(actor=here.purchasing, key=unique("k"), contract_id=done.id)
    return done


def accountant(here: Site) -> Actor:
    return here.actor(person("accountant", here.h.campus))


def supplier_person(here: Site, supplier_id: int | None = None) -> Person:
    """Somebody who works for a supplier."""
    made = person("supplier", here.h.campus)
    made.supplier_id = supplier_id or here.h.supplier.pk
    made.save(update_fields=["supplier"])
    return made


def line_of(order: Done) -> OrderLine:
    return OrderLine.objects.get(order_id=order.id)


def billed(order: Done, *serials: str, item: Item, price: Any = 100) -> list[Billed]:
    return [Billed(order.id, item.pk, Decimal(price), serial) for serial in serials]


def invoice(here: Site, actor: Actor, lines: list[Billed], **fields: Any) -> Done:
    total = sum((line.price * line.quantity for line in lines), Decimal(0))
    plain = {
        "supplier_id": here.h.supplier.pk, "place_id": here.h.campus.pk, "reference": unique("F"),
        "invoiced_on": today(), "total": total, "key": unique("k"),
    }  # fmt: skip
    return enter_invoice(actor=actor, lines=lines, **{**plain, **fields})


def chief(here: Site, kind: str, *, from_amount: int = 0, level: int = 1) -> Actor:
    """Somebody whose approval documents of a kind need from an amount on."""
    held = role("科主任", "Head")
    rule(here.h.campus, held, kind=kind, from_amount=from_amount, level=level)
    return here.actor(signer(held, here.h.campus))


def waiting(kind: str, done: Done) -> Approval:
    return Approval.objects.get(kind=kind, document_id=done.id, state="waiting")

"""Every write to items, codes, makers and suppliers. What has a validity of its own is written in ``dated.py``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yanji.sheets.editor import Editor
from yanji.sheets.problems import Problem

from .codes import normal_code
from .models import Item, ItemCode, Maker, Quarantined, Supplier
from .pinyin import initials


@dataclass(frozen=True, slots=True)
class ItemFields:
    """What a person decides about an item. ``maker`` is a name in either language; a new one is entered with the item."""

    code: str
    name_zh: str
    name_en: str = ""
    model: str = ""
    family: str = ""
    maker: str = ""
    supplier_id: int | None = None
    unit_of_measure: str = "件"
    tracking: str = Item.Tracking.UNIT
    maker_serial: bool = True
    high_value: bool = True
    implant: bool = False
    sterile: bool = True
    risk_class: str = Item.RiskClass.III
    temperature_class: str = "any"


@dataclass(frozen=True, slots=True)
class SupplierFields:
    code: str
    name_zh: str
    name_en: str = ""
    contact: str = ""


def demand(actor: Editor) -> None:
    """The catalogue is one for all places: who may edit it anywhere may edit it."""
    if not actor.may("edit_catalog"):
        raise PermissionDenied


@transaction.atomic
def create_item(*, actor: Editor, fields: ItemFields) -> Item:
    demand(actor)
    _check_item_code(fields.code)
    return Item.objects.create(**_item_columns(fields))


@transaction.atomic
def edit_item(*, actor: Editor, item_id: int, fields: ItemFields) -> Item:
    """Replace what is decided about an item; a provisional one is complete after it."""
    demand(actor)
    item = _locked_item(item_id)
    _check_item_code(fields.code, item)
    for name, value in _item_columns(fields, item.maker_id).items():
        setattr(item, name, value)
    item.provisional = False
    item.save()
    return item


@transaction.atomic
def retire_item(*, actor: Editor, item_id: int) -> Item:
    """Take an item out of use: it cannot be ordered any more; what is in stock can still be used and traced."""
    return _set_item_active(actor, item_id, False)


@transaction.atomic
def reopen_item(*, actor: Editor, item_id: int) -> Item:
    return _set_item_active(actor, item_id, True)


@transaction.atomic
def add_code(
    *,
    actor: Editor,
    item_id: int,
    issuer: str,
    code: str,
    level: str = ItemCode.Level.UNIT,
    quantity: int = 1,
) -> ItemCode:
    """Give an item one more code, at one packaging level; ``quantity`` units are inside."""
    demand(actor)
    item = _locked_item(item_id)
    found = normal_code(issuer, code)
    if isinstance(found, Problem):
        raise ValidationError({"code": ValidationError(found.sentence(), found.code)})
    holder = Item.objects.filter(codes__issuer=issuer, codes__code=found).first()
    if holder is not None:
        sentence = _("%(code)s belongs to the item %(item)s already.")
        facts = {"code": found, "item": f"{holder.code} {holder.name}"}
        raise ValidationError({"code": ValidationError(sentence, "code_taken", facts)})
    if quantity < 1 or (level == ItemCode.Level.UNIT and quantity != 1):
        sentence = _("A unit holds one piece; a package at least one.")
        raise ValidationError({"quantity": ValidationError(sentence, "quantity_of_level")})
    return ItemCode.objects.create(item=item, issuer=issuer, code=found, level=level, quantity=quantity)


@transaction.atomic
def remove_code(*, actor: Editor, item_id: int, code_id: int) -> None:
    """Take a wrong code off an item. Units already received keep their identity."""
    demand(actor)
    if not ItemCode.objects.filter(pk=code_id, item_id=item_id).delete()[0]:
        raise PermissionDenied


@transaction.atomic
def create_supplier(*, actor: Editor, fields: SupplierFields) -> Supplier:
    demand(actor)
    _check_supplier_code(fields.code)
    return Supplier.objects.create(**asdict(fields), pinyin=initials(fields.name_zh))


@transaction.atomic
def edit_supplier(*, actor: Editor, supplier_id: int, fields: SupplierFields) -> Supplier:
    demand(actor)
    supplier = locked_supplier(supplier_id)
    _check_supplier_code(fields.code, supplier)
    for name, value in asdict(fields).items():
        setattr(supplier, name, value)
    supplier.pinyin = initials(fields.name_zh)
    supplier.save()
    return supplier


@transaction.atomic
def set_supplier_active(*, actor: Editor, supplier_id: int, active: bool) -> Supplier:
    """Stop or resume ordering from a supplier."""
    demand(actor)
    supplier = locked_supplier(supplier_id)
    supplier.active = active
    supplier.save(update_fields=["active"])
    return supplier


@transaction.atomic
def edit_maker(*, actor: Editor, maker_id: int, name_zh: str, name_en: str = "", country: str = "") -> Maker:
    demand(actor)
    maker = Maker.objects.select_for_update().filter(pk=maker_id).first()
    if maker is None:
        raise PermissionDenied
    if Maker.objects.filter(name_zh=name_zh).exclude(pk=maker_id).exists():
        raise ValidationError({"name_zh": ValidationError(_("Another maker has this name."), "taken")})
    maker.name_zh, maker.name_en, maker.country, maker.pinyin = name_zh, name_en, country, initials(name_zh)
    maker.save()
    return maker


def quarantine(source: str, rows: Sequence[dict[str, Any]]) -> None:
    """Keep the bad rows of an import (``{number, typed, problems}``) whole until somebody has dealt with them."""
    Quarantined.objects.bulk_create(
        [
            Quarantined(source=source, row=row["number"], content=row["typed"], reasons=row["problems"])
            for row in rows
        ],
        batch_size=2_000,
    )


@transaction.atomic
def resolve_quarantined(*, actor: Editor, row_ids: Sequence[int]) -> int:
    """Mark rows as dealt with; returns how many were still open. They stay readable."""
    demand(actor)
    return Quarantined.objects.filter(pk__in=row_ids, resolved_at__isnull=True).update(
        resolved_at=timezone.now()
    )


def makers_named(names: set[str]) -> dict[str, int]:
    """Name -> maker id; names not known yet are entered. Three statements however many names."""
    known = dict(Maker.objects.filter(name_zh__in=names).values_list("name_zh", "pk"))
    new = sorted(names - known.keys())
    if new:
        # Another import may have entered the same maker meanwhile.
        rows = [
            Maker(name_zh=name, name_en=name if name.isascii() else "", pinyin=initials(name)) for name in new
        ]
        Maker.objects.bulk_create(rows, ignore_conflicts=True)
        known |= dict(Maker.objects.filter(name_zh__in=new).values_list("name_zh", "pk"))
    return known


def locked_supplier(supplier_id: int) -> Supplier:
    supplier = Supplier.objects.select_for_update().filter(pk=supplier_id).first()
    if supplier is None:
        raise PermissionDenied
    return supplier


def _locked_item(item_id: int) -> Item:
    item = Item.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise PermissionDenied
    return item


def _set_item_active(actor: Editor, item_id: int, active: bool) -> Item:
    demand(actor)
    item = _locked_item(item_id)
    item.active = active
    item.save(update_fields=["active"])
    return item


def _item_columns(fields: ItemFields, maker_id: int | None = None) -> dict[str, Any]:
    """``maker_id``: whom the item has by now."""
    columns = asdict(fields)
    maker = columns.pop("maker")
    columns["maker_id"] = _maker_called(maker, maker_id) if maker else None
    columns["pinyin"] = initials(fields.name_zh)
    return columns


def _maker_called(name: str, before: int | None) -> int:
    """The maker of a name in either language: the one that the item has, else whose Chinese name it is. Where only English
    names are so, and several, a person must say which."""
    called = dict(Maker.objects.filter(Q(name_zh=name) | Q(name_en=name)).values_list("pk", "name_zh"))
    if before in called:
        return before
    chinese = [pk for pk, name_zh in called.items() if name_zh == name]
    if len(called) > 1 and not chinese:
        sentence = _("Several makers are called %(name)s. Enter the Chinese name of the one that you mean.")
        raise ValidationError({"maker": ValidationError(sentence, "several", {"name": name})})
    return (chinese or list(called))[0] if called else makers_named({name})[name]


def _check_item_code(code: str, item: Item | None = None) -> None:
    if Item.objects.filter(code=code).exclude(pk=item.pk if item else 0).exists():
        raise ValidationError({"code": ValidationError(_("Another item has this code."), "taken")})


def _check_supplier_code(code: str, supplier: Supplier | None = None) -> None:
    if Supplier.objects.filter(code=code).exclude(pk=supplier.pk if supplier else 0).exists():
        raise ValidationError({"code": ValidationError(_("Another supplier has this code."), "taken")})

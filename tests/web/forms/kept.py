"""The forms of who keeps the master data: items, suppliers, makers, places, people, roles, rules, reasons, plans, tables."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.flows.buying import today
from tests.flows.site import person
from tests.makers import everything, place, unique
from tests.web.flows.world import gtin
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES
from yanji.access.sheet import SHEET as PEOPLE
from yanji.access.tokens import create_token
from yanji.catalog.imports.items import SHEET as ITEMS
from yanji.catalog.imports.suppliers import SHEET as SUPPLIERS
from yanji.catalog.models import Item, ItemCode, Maker, Quarantined
from yanji.flows.inspecting.models import InspectionPlan
from yanji.flows.models_approval import ApprovalRule
from yanji.flows.models_reasons import ReasonCode
from yanji.flows.theatre.card_table import SHEET as CARDS
from yanji.places.models import Kind, Place
from yanji.places.sheet import SHEET as PLACES
from yanji.sheets import batches
from yanji.sheets.batches import Sheet

from .desk import Desk, Form, key

SHEETS = {sheet.kind: sheet for sheet in (ITEMS, SUPPLIERS, PLACES, PEOPLE, CARDS)}
PASSWORD = "Eigene-Person-6"
NAMES = {"name_zh": "新的", "name_en": "New"}


def _own(d: Desk) -> Item:
    """An item of which nothing was ever bought, with a code for every row."""
    item = Item.objects.create(code=unique("OWN"), name_zh="导管", temperature_class="room")
    ItemCode.objects.bulk_create(
        ItemCode(item=item, issuer="HIBCC", code=unique("H123")) for _ in range(d.count)
    )
    return item


def _item() -> dict[str, str]:
    kinds = {"tracking": "unit", "risk_class": "III", "temperature_class": "room", "unit_of_measure": "件"}
    return {"code": unique("NEW"), **NAMES, **kinds}


def _row_of_item(tab: str, **form: str) -> Callable[[Desk], Form]:
    """One more row on a tab of an item."""

    def sent(d: Desk) -> Form:
        for_all = {"valid_from": str(today()), "supplier": d.here.h.supplier.pk} if tab == "prices" else {}
        return f"/masterdata/items/{_own(d).pk}/{tab}", {"valid_from": str(today()), **for_all, **form}

    return sent


def _code_removed(d: Desk) -> Form:
    item = _own(d)
    return f"/masterdata/items/{item.pk}/codes/{item.codes.earliest('pk').pk}/remove", {}


def _kit(d: Desk) -> Form:
    return f"/masterdata/items/{_own(d).pk}/kit", d.lines("bill", note="As the maker packs it")


def _opening(d: Desk) -> Form:
    item = d.here.counted.pk
    form = {"key": key(f"opening{item}"), "content": "5", "measure": "mL", "hours": "48"}
    return f"/masterdata/items/{item}/opening", form


def _price_ended(d: Desk) -> Form:
    return f"/masterdata/rows/price/{d.room.price().pk}/end", {}


def _supplier(d: Desk, act: str = "", **form: str) -> Form:
    return f"/masterdata/suppliers/{d.here.h.supplier.pk}{act}", form


def _maker(d: Desk) -> Form:
    maker = Maker.objects.create(name_zh=unique("厂"))
    Item.objects.filter(pk__in=[item.pk for item in d.items]).update(maker=maker)
    return f"/masterdata/makers/{maker.pk}", NAMES


def _shelves(d: Desk) -> Place:
    """A rack with a shelf for every row."""
    rack = place(Kind.CABINET, d.here.h.store)
    for _ in range(d.count):
        place(Kind.BIN, rack)
    return rack


def _place(code: str, kind: str = "cabinet") -> dict[str, str]:
    return {"kind": kind, "code": code, "temperature_class": "room", **NAMES}


def _new_place(d: Desk) -> Form:
    return f"/masterdata/places/new?below={_shelves(d).pk}", _place(unique("BIN"), "bin")


def _place_changed(d: Desk) -> Form:
    rack = _shelves(d)
    return f"/masterdata/places/{rack.pk}", _place(rack.code)


def _place_moved(d: Desk) -> Form:
    return f"/masterdata/places/{_shelves(d).pk}/move", {"parent": d.here.h.department.pk}


def _place_retired(d: Desk) -> Form:
    return f"/masterdata/places/{_shelves(d).pk}/active", {}


def _somebody(d: Desk) -> Person:
    """A nurse who holds a role at as many departments as there are rows."""
    made = person("nurse", d.here.h.department)
    role = made.grants.get().role
    more = [place(Kind.DEPARTMENT, d.here.h.campus) for _ in range(d.count - 1)]
    Grant.objects.bulk_create(Grant(person=made, role=role, place=at) for at in more)
    return made


def _person(which: str, **form: str) -> Callable[[Desk], Form]:
    """One of the forms of a person's page."""
    return lambda d: (f"/masterdata/people/{_somebody(d).pk}", {"form": which, **form})


def _person_changed(d: Desk) -> Form:
    made = _somebody(d)
    return f"/masterdata/people/{made.pk}", {"form": "person", "username": made.username, **NAMES}


def _granted(d: Desk) -> Form:
    made = _somebody(d)
    form = {"form": "grant", "role": made.grants.earliest("pk").role_id, "place": d.here.h.campus.pk}
    return f"/masterdata/people/{made.pk}", form


def _grant_revoked(d: Desk) -> Form:
    made = _somebody(d)
    return f"/masterdata/people/{made.pk}/grants/{made.grants.earliest('pk').pk}/revoke", {}


def _new_role(d: Desk) -> Form:
    return "/masterdata/roles/new", {"code": unique("role"), "operations": ["view"], **NAMES}


def _role_changed(d: Desk) -> Form:
    """Everybody who holds it, one for every row, may do something else from now on."""
    for _ in range(d.count):
        person("nurse", d.here.h.department)
    role = Role.objects.get(code="nurse")
    form = {"code": role.code, "operations": sorted(STANDARD_ROLES["nurse"][2])[1:], **NAMES}
    return f"/masterdata/roles/{role.pk}", form


def _role_deleted(d: Desk) -> Form:
    role = Role.objects.create(code=unique("role"), name_zh="空", name_en="Empty", operations=["view"])
    return f"/masterdata/roles/{role.pk}/delete", {}


def _rules(d: Desk) -> list[int]:
    role, editor = Role.objects.get(code="nurse"), d.here.buyer
    return [
        ApprovalRule.objects.create(
            kind="order", place=place(Kind.STORE, d.here.h.campus), role=role, level=1, edited_by=editor
        ).pk
        for _ in range(d.count)
    ]


def _rule(d: Desk, **form: Any) -> dict[str, Any]:
    role = Role.objects.get(code="nurse").pk
    return {"key": key("rule"), "level": "1", "from_amount": "7000", "role": role, **form}


def _new_rule(d: Desk) -> Form:
    _rules(d)
    return "/masterdata/approval-rules/new", _rule(d, kind="order", place=d.here.h.campus.pk)


def _rule_changed(d: Desk) -> Form:
    return f"/masterdata/approval-rules/{_rules(d)[0]}", _rule(d)


def _rule_ended(d: Desk) -> Form:
    rule = _rules(d)[0]
    return f"/masterdata/approval-rules/{rule}/active", {"key": key(f"rule{rule}")}


def _reasons(d: Desk) -> list[int]:
    """A reason more in a group for every row, after those that are offered there."""
    last = ReasonCode.objects.filter(group="hold").latest("position").position
    return [
        ReasonCode.objects.create(
            group="hold", code=unique("why"), position=last + 10 * number, name_zh="因", name_en="Why"
        ).pk
        for number in range(1, d.count + 1)
    ]


def _new_reason(d: Desk) -> Form:
    _reasons(d)
    return "/masterdata/reasons/hold/new", {"key": key("reason"), "code": unique("why"), **NAMES}


def _reason_changed(d: Desk) -> Form:
    return f"/masterdata/reasons/{_reasons(d)[0]}", {"key": key("reason"), **NAMES}


def _reason(how: str) -> Callable[[Desk], Form]:
    """One press beside a reason; ``up``: the last goes up one."""

    def sent(d: Desk) -> Form:
        reason = _reasons(d)[-1]
        return f"/masterdata/reasons/{reason}/change", {"key": key(f"reason{reason}"), "how": how}

    return sent


def _plans(d: Desk) -> list[int]:
    goods = [{"item": item} for item in d.items]
    return [
        InspectionPlan.objects.create(method="full", points=["label"], edited_by=d.here.buyer, **of).pk
        for of in goods
    ]


def _plan(**form: Any) -> dict[str, Any]:
    return {"key": key("plan"), "method": "full", "severity": "normal", "points": ["label"], **form}


def _new_plan(d: Desk) -> Form:
    _plans(d)
    return "/masterdata/inspection-plans/new", _plan(family=unique("family"))


def _plan_changed(d: Desk) -> Form:
    return f"/masterdata/inspection-plans/{_plans(d)[0]}", _plan(
        item=d.here.h.item.code, points=["packaging"]
    )


def _plan_ended(d: Desk) -> Form:
    plan = _plans(d)[0]
    return f"/masterdata/inspection-plans/{plan}/active", {"key": key(f"plan{plan}")}


def _table(d: Desk, kind: str) -> bytes:
    """A table with so many good rows: what its kind needs, and what hangs on it."""
    h = d.here.h
    role = STANDARD_ROLES["nurse"][0]
    rows: dict[str, tuple[str, Callable[[int], str]]] = {
        "items": (
            "品种编码,品名,生产厂家,供应商编码,单价,价格生效日,注册证号,注册证起始日,收费编码,编码生效日,发码机构,产品标识DI",
            lambda n: (
                f"{unique('T')},导管,厂{n},{h.supplier.code},98,{today()},R{n},{today()},C{n},{today()},HIBC,{unique('H9')}"
            ),
        ),
        "suppliers": (
            "供应商编码,名称,证照类型,证照编号,生效日",
            lambda n: f"{unique('T')},供应商{n},营业执照,L{n},{today()}",
        ),
        "places": ("库位编码,名称,类型,上级编码", lambda n: f"{unique('T')},柜{n},cabinet,{h.store.code}"),
        "people": (
            "用户名,姓名,科室编码,角色,授权库位编码",
            lambda n: f"{unique('t')},护士{n},{h.department.code},{role},{h.department.code}",
        ),
        "cards": (
            "科室编码,术式,术者,品种编码,数量",
            lambda n: f"{h.department.code},PCI-{n},陈,{d.items[n].code},2",
        ),
    }
    head, row = rows[kind]
    return "\n".join([head, *(row(number) for number in range(d.count))]).encode()


def _uploaded(kind: str) -> Callable[[Desk], Form]:
    def sent(d: Desk) -> Form:
        file = SimpleUploadedFile("table.csv", _table(d, kind), "text/csv")
        return "/masterdata/imports/upload", {"kind": kind, "file": file}

    return sent


def _imported(kind: str, sheet: Sheet) -> Callable[[Desk], Form]:
    """What was shown is taken in. ``sheet``: as the one who sends the form may read it."""

    def sent(d: Desk) -> Form:
        editor = replace(everything(d.here.h.campus, d.here.buyer), person_id=d.sender.pk)
        batch = batches.preview(sheet, actor=editor, file_name="table.csv", data=_table(d, kind))
        assert (len(batch.good), batch.bad) == (d.count, []), batch.bad
        return f"/masterdata/imports/{batch.pk}/decide", {}

    return sent


def _put_aside(d: Desk) -> Form:
    rows = [Quarantined.objects.create(source="scan", content={}, reasons=[]).pk for _ in range(d.count)]
    return "/masterdata/quarantine/resolve", {"row": rows}


def with_password(d: Desk) -> None:
    """Who sends the form has one."""
    d.sender.set_password(PASSWORD)
    d.sender.save(update_fields=["password"])


def _own_password(d: Desk) -> Form:
    with_password(d)
    return "/masterdata/account", {"form": "password", "old": PASSWORD, "new": "Andere-Person-8"}


def _own_badge(d: Desk) -> Form:
    with_password(d)
    return "/masterdata/account", {"form": "badge", "code": unique("0004"), "password": PASSWORD}


def _token_revoked(d: Desk) -> Form:
    tokens = [create_token(actor=d.here.actor(d.sender), name=unique("t"))[0].pk for _ in range(d.count)]
    return f"/masterdata/account/tokens/{tokens[0]}/revoke", {}


def _forms(kinds: Sequence[str], of: Callable[[str], Callable[[Desk], Form]], name: str) -> dict[str, Any]:
    return {f"{name} {kind}": of(kind) for kind in kinds}


LICENCE = {"kind": "business", "number": "BL-8", "valid_from": str(today())}
CATALOGUE: dict[str, Callable[[Desk], Form]] = {
    "masterdata:new_item": lambda d: ("/masterdata/items/new", _item()),
    "masterdata:edit_item": lambda d: (f"/masterdata/items/{_own(d).pk}/edit", _item()),
    "masterdata:item codes": _row_of_item("codes", issuer="GS1", code=gtin(), level="unit", quantity="1"),
    "masterdata:item prices": _row_of_item("prices", amount="98"),
    "masterdata:item papers": _row_of_item("papers", number="R-1"),
    "masterdata:item billing": _row_of_item("billing", kind="charge", code="C-1"),
    "masterdata:item_active": lambda d: (f"/masterdata/items/{_own(d).pk}/active", {}),
    "masterdata:remove_code": _code_removed,
    "masterdata:kit": _kit,
    "masterdata:opening": _opening,
    "masterdata:end_row": _price_ended,
    "masterdata:new_supplier": lambda d: ("/masterdata/suppliers/new", {"code": unique("SUP"), **NAMES}),
    "masterdata:supplier": lambda d: _supplier(d, **LICENCE),
    "masterdata:edit_supplier": lambda d: _supplier(d, "/edit", code=unique("SUP"), **NAMES),
    "masterdata:supplier_active": lambda d: _supplier(d, "/active"),
    "masterdata:maker": _maker,
    "masterdata:resolve": _put_aside,
    **_forms(["items", "suppliers"], _uploaded, "masterdata:upload"),
    **_forms(["items", "suppliers"], lambda kind: _imported(kind, SHEETS[kind]), "masterdata:decide"),
}
ADMINISTRATOR: dict[str, Callable[[Desk], Form]] = {
    "masterdata:new_place": _new_place,
    "masterdata:place": _place_changed,
    "masterdata:move_place": _place_moved,
    "masterdata:place_active": _place_retired,
    "masterdata:new_person": lambda d: ("/masterdata/people/new", {"username": unique("u"), **NAMES}),
    "masterdata:person": _person_changed,
    "masterdata:person grant": _granted,
    "masterdata:person password": _person("password", password="Neue-Person-55"),
    "masterdata:person badge": _person("badge", code="00047118"),
    "masterdata:person_active": lambda d: (f"/masterdata/people/{_somebody(d).pk}/active", {}),
    "masterdata:end_badge": lambda d: (f"/masterdata/people/{_somebody(d).pk}/badge/end", {}),
    "masterdata:revoke_grant": _grant_revoked,
    "masterdata:new_role": _new_role,
    "masterdata:role": _role_changed,
    "masterdata:delete_role": _role_deleted,
    "masterdata:new_approval_rule": _new_rule,
    "masterdata:approval_rule": _rule_changed,
    "masterdata:approval_rule_active": _rule_ended,
    "masterdata:new_reason": _new_reason,
    "masterdata:reason": _reason_changed,
    "masterdata:change_reason up": _reason("up"),
    "masterdata:change_reason end": _reason("end"),
    "masterdata:new_inspection_plan": _new_plan,
    "masterdata:inspection_plan": _plan_changed,
    "masterdata:inspection_plan_active": _plan_ended,
    "masterdata:account password": _own_password,
    "masterdata:account badge": _own_badge,
    "masterdata:account token": lambda d: (
        "/masterdata/account",
        {"form": "token", "name": "Robot", "days": "30"},
    ),
    "masterdata:end_own_badge": lambda d: ("/masterdata/account/badge/end", {}),
    "masterdata:revoke_token": _token_revoked,
    **_forms(["places", "people"], _uploaded, "masterdata:upload"),
    **_forms(["places", "people"], lambda kind: _imported(kind, SHEETS[kind]), "masterdata:decide"),
}
NURSE: dict[str, Callable[[Desk], Form]] = {
    "masterdata:upload cards": _uploaded("cards"),
    "masterdata:decide cards": _imported("cards", CARDS),
}

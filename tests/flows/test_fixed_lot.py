"""A requisition may ask for one lot: it alone is proposed, and another one is taken only for a reason."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from tests.web.flows.acts import key, sentences
from yanji.flows.acts import Done
from yanji.flows.models import Override, Requisition, RequisitionLine
from yanji.flows.pick import pick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.requisition import Wanted, request
from yanji.flows.sheets import requisition_sheet
from yanji.ledger.api import LotQuantity, Refused


def asked(here: Site, *lines: Wanted) -> Done:
    return request(
        actor=here.ward, key=unique("k"), department_id=here.h.department.pk, store_id=here.h.store.pk, lines=lines
    )  # fmt: skip


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert {offence.code for offence in found.value.offences} == {code}
    assert contents() == before


def test_the_lot_asked_for_goes_before_the_turn(committed: Site) -> None:
    here = committed
    [early] = here.stocked(1, lot="EARLY", expiry=soon(60))
    late = here.stocked(2, lot="LATE", expiry=soon(300))
    wanted = asked(here, Wanted(here.h.item.pk, 2, " LATE "))
    [line] = pick_list(Requisition.objects.get(pk=wanted.id))
    assert {unit.epc for unit in line.candidates} == set(late)
    walk = requisition_sheet(Requisition.objects.get(pk=wanted.id)).sections[1].rows
    assert [row[4] for row in walk] == ["LATE"]
    act = {"actor": here.keeper, "requisition_id": wanted.id}
    refused("other_lot_asked", lambda: pick(key=unique("k"), things=[early], **act))
    pick(key=unique("k"), things=late[:1], **act)  # out of turn, and right
    assert not Override.objects.exists()
    reason = {early: "damaged"}
    assert pick(key=unique("k"), things=[early], overrides=reason, **act).state == "picked"
    [kept] = Override.objects.all()
    assert (kept.epc, kept.instead_of, kept.reason) == (early, "LATE", "damaged")


def test_a_counted_lot_is_fixed_as_well(committed: Site) -> None:
    here = committed
    other = here.stocked_lot(5, "B1", soon(60))
    right = here.stocked_lot(5, "B2", soon(300))
    wanted = asked(here, Wanted(here.counted.pk, 2, "B2"))
    [line] = pick_list(Requisition.objects.get(pk=wanted.id))
    assert [left.lot_id for left in line.lots] == [right]
    act = {"actor": here.keeper, "requisition_id": wanted.id}
    refused(
        "other_lot_asked",
        lambda: pick(key=unique("k"), things=[LotQuantity(other, Decimal(1), here.h.store.pk)], **act),
    )
    assert (
        pick(key=unique("k"), things=[LotQuantity(right, Decimal(2), here.h.store.pk)], **act).state
        == "picked"
    )


def test_the_scan_says_so_at_once(committed: Site) -> None:
    here = committed
    here.stocked(1, lot="LATE", expiry=soon(300))
    [early] = here.stocked(1, lot="EARLY", expiry=soon(60))
    wanted = asked(here, Wanted(here.h.item.pk, 1, "LATE"))
    raw = here.scan(early.rpartition("/")[2], "EARLY", soon(60).strftime("%y%m%d"))
    found = interpret(
        raw, actor=here.keeper, flow="pick", requisition_id=wanted.id, from_place_id=here.h.store.pk
    )
    assert [offence.code for offence in found.offences] == ["other_lot_asked"]


def test_the_ward_asks_for_a_lot_on_its_page(committed: Site) -> None:
    here = committed
    here.nurse.language = "en"
    here.nurse.save(update_fields=["language"])
    client, item = Client(), here.h.item.pk
    client.force_login(here.nurse)
    assert f'name="lot:{item}"' in client.get(f"/ward/requisitions/line?item={item}").content.decode()
    assert f'name="lot:{item}"' not in client.get(f"/ward/lists/line?item={item}").content.decode()
    form = {"key": key("requisition"), "item": [item], f"quantity:{item}": "1", f"lot:{item}": "L9"}
    places = {"department_id": here.h.department.pk, "store_id": here.h.store.pk}
    answer = client.post("/ward/requisitions/new", {**form, **places}, follow=True)
    assert "only lot L9" in sentences(answer)
    assert RequisitionLine.objects.get().lot == "L9"
    long = client.post(
        "/ward/requisitions/new", {**form, **places, f"lot:{item}": "x" * 81, "key": key("requisition")}
    )
    assert long.status_code == 409
    assert RequisitionLine.objects.count() == 1

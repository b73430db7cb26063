"""What is in the patient already, as a nurse records it and the one who approves sees it."""

import re
from decimal import Decimal
from typing import Any

from tests.makers import unique
from yanji.flows.correction import take_back
from yanji.flows.hold import hold
from yanji.flows.receive import Arrival, receive
from yanji.flows.theatre.models import EmergencyUse
from yanji.ledger.api import LotQuantity, on_hand, unit_view

from .acts import key, result, scanned, sentences
from .test_done import Site
from .world import World, item, later

NAMED = r'name="%s" value="([^"]*)"'


def test_a_held_unit_in_the_patient_is_recorded_and_shown_to_who_approves(
    hospital: World, signed_in: Any
) -> None:
    site = Site(hospital)
    site.arrived()
    address = f"/ward/use/{site.case()}"
    held = site.epcs[0]
    hold(actor=hospital.actor("storekeeper"), key=unique("h"), things=[held], reason="suspected")
    nurse = signed_in("nurse")
    assert "It is in the patient already" in nurse.get(address).content.decode()
    assert result(scanned(nurse, address, site.scans[0])) == "error"
    foreseen = scanned(nurse, address, site.scans[0], despite="life")
    assert result(foreseen) == "warn"
    assert "is on hold. It is in the patient already: it is recorded all the same" in sentences(foreseen)
    assert "take another one" not in sentences(foreseen)

    assert nurse.post(address, site.rows("use", confirmed_by="PT-1")).status_code == 409
    assert unit_view(held).status == "quarantined"
    said = nurse.post(address, site.rows("use", confirmed_by="PT-1", despite="life"), follow=True)
    paper = EmergencyUse.objects.get()
    assert f"{paper.number} says what spoke against it" in sentences(said)
    assert {unit_view(epc).status for epc in site.epcs} == {"used"}

    manager = signed_in("manager")
    shown = sentences(manager.get(f"/theatre/emergencies/{paper.pk}"))
    assert "is on hold" in shown
    assert "take another one" not in shown, "it cannot be put aside any more"
    assert "Used although it must not have been" in shown
    for page in ("/theatre/emergencies", "/manager/approvals", f"/unit/{held}"):
        assert "Used although it must not have been" in sentences(manager.get(page)), page
    printed = manager.get(f"/papers/emergency_use/{paper.pk}/print")
    assert printed.status_code == 200
    assert "is on hold" in sentences(printed)

    entry = {"event_id": str(paper.use_event_id), "reason": "wrong_scan"}
    take_back(actor=hospital.actor("nurse"), key=unique("b"), **entry)
    shown = sentences(manager.get(f"/theatre/emergencies/{paper.pk}"))
    assert "The use was taken back: nobody is asked to approve it any more." in shown
    assert "Approve afterwards" not in shown
    assert paper.number not in sentences(manager.get("/manager/approvals"))


def test_pieces_of_a_held_lot_in_the_patient_are_recorded_too(hospital: World, signed_in: Any) -> None:
    made = item("缝线", "Suture", "4-0", hospital.supplier, tracking="lot")
    receive(
        actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(5, made),
        dock_id=hospital.department.pk, arrivals=[Arrival(made.pk, lot="A1", expiry=later(90), quantity=5)],
    )  # fmt: skip
    lot, address = made.lots.get().pk, f"/ward/use/{Site(hospital).case()}"
    held = LotQuantity(lot, Decimal(5), hospital.department.pk)
    hold(actor=hospital.actor("storekeeper"), key=unique("h"), things=[held], reason="suspected")
    nurse, raw = signed_in("nurse"), f"]d201{hospital.gtin(made)}17{later(90):%y%m%d}10A1"
    refused = scanned(nurse, address, raw)
    assert (result(refused), "is on hold" in sentences(refused)) == ("error", True)
    row = scanned(nurse, address, raw, despite="life")
    assert result(row) == "warn"
    sent = {
        name: found[1]
        for name in ("row", "of", "line")
        if (found := re.search(NAMED % name, row.content.decode()))
    }
    sent |= {f"quantity:{sent['row']}": "2", f"from:{sent['row']}": str(hospital.department.pk)}
    assert f'name="from:{sent["row"]}" value="{hospital.department.pk}"' in row.content.decode()

    sent |= {"key": key("use"), "confirmed_by": "PT-1", "despite": "life", "line": raw}
    said = nurse.post(address, sent, follow=True)
    assert f"{EmergencyUse.objects.get().number} says what spoke against it" in sentences(said)
    rows = on_hand(paths=["/"], by=("status",), item_id=made.pk)
    assert {row.status: int(row.quantity) for row in rows} == {"quarantined": 3}

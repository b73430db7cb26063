"""The pages of lending: by scan, confirmed by the other side, settled."""

from collections.abc import Callable

from django.test import Client

from tests.makers import unique
from yanji.flows.issue import issue, take_in
from yanji.flows.lending.models import Lending, SettleUp
from yanji.flows.pick import pick
from yanji.flows.requisition import Wanted, request
from yanji.ledger.api import unit_view
from yanji.places.models import Kind

from .acts import key, listed, result, scanned, sentences
from .world import World, named, someone


def at_the_ward(hospital: World, *serials: str) -> list[str]:
    epcs = hospital.stocked(*serials)
    keeper, nurse = hospital.actor("storekeeper"), hospital.actor("nurse")
    wanted = request(
        actor=nurse, key=unique("r"), department_id=hospital.department.pk, store_id=hospital.store.pk,
        lines=[Wanted(hospital.item.pk, len(epcs))],
    ).id  # fmt: skip
    pick(actor=keeper, key=unique("p"), requisition_id=wanted, things=epcs)
    sent = issue(actor=keeper, key=unique("i"), requisition_id=wanted).id
    take_in(actor=nurse, key=unique("t"), issue_id=sent, to_place_id=hospital.cabinet.pk)
    return epcs


def test_lent_confirmed_and_settled_over_the_pages(
    hospital: World, signed_in: Callable[[str], Client]
) -> None:
    [epc] = at_the_ward(hospital, "S1")
    other = named(Kind.DEPARTMENT, hospital.campus, "心外科", "Heart Surgery")
    hospital.people["other"] = someone("nurse", "林", "Lin", other)
    lender, borrower = signed_in("nurse"), signed_in("other")
    ends = {"lender_id": hospital.department.pk, "borrower_id": other.pk}
    assert result(scanned(lender, "/ward/lending", hospital.scan("S1"), **ends)) == "ok"
    answer = lender.post(
        "/ward/lending/new", {"key": key("lend"), **listed(hospital, hospital.scan("S1")), **ends}
    )
    assert answer.status_code == 302, sentences(answer)
    lending = Lending.objects.get()
    address = f"/ward/lending/{lending.pk}"
    assert unit_view(epc).place_id == other.pk
    assert "We have it: confirm" not in sentences(lender.get(address))
    assert "We have it: confirm" in sentences(borrower.get(address))
    assert "it is owed now" in sentences(
        borrower.post(f"{address}/confirm", {"key": key("confirm")}, follow=True)
    )
    assert "Heart Surgery → Cath Lab" in sentences(lender.get("/ward/lending"))
    assert result(scanned(borrower, f"{address}/settle", hospital.scan("S1"))) == "ok"
    back = borrower.post(
        f"{address}/settle", {"key": key("settle"), **listed(hospital, hospital.scan("S1"))}, follow=True
    )
    assert "the lender has to confirm" in sentences(back)
    again = borrower.post(
        f"{address}/confirm-back", {"key": key("confirm_back"), "settlement_id": SettleUp.objects.get().pk}
    )
    assert again.status_code == 409
    done = lender.post(
        f"{address}/confirm-back",
        {"key": key("confirm_back"), "settlement_id": SettleUp.objects.get().pk},
        follow=True,
    )
    assert "is settled" in sentences(done)
    assert unit_view(epc).place_id == hospital.department.pk
    assert Lending.objects.get().state == "settled"


def test_the_store_pays_at_the_borrowers_charge(hospital: World, signed_in: Callable[[str], Client]) -> None:
    at_the_ward(hospital, "S1")
    hospital.stocked("S2")
    other = named(Kind.DEPARTMENT, hospital.campus, "心外科", "Heart Surgery")
    hospital.people["other"] = someone("nurse", "林", "Lin", other)
    lender, keeper = signed_in("nurse"), signed_in("storekeeper")
    ends = {"lender_id": hospital.department.pk, "borrower_id": other.pk}
    lender.post("/ward/lending/new", {"key": key("lend"), **listed(hospital, hospital.scan("S1")), **ends})
    address = f"/ward/lending/{Lending.objects.get().pk}"
    signed_in("other").post(f"{address}/confirm", {"key": key("confirm")})
    form = {"key": key("settle"), **listed(hospital, hospital.scan("S2")), "store_id": hospital.store.pk}
    answer = keeper.post(f"{address}/settle", form)
    assert answer.status_code == 302, sentences(answer)
    assert "6,980.00" in sentences(keeper.get(address))
    lender.post(
        f"{address}/confirm-back", {"key": key("confirm_back"), "settlement_id": SettleUp.objects.get().pk}
    )
    assert (Lending.objects.get().state, unit_view(hospital.epc("S2")).place_id) == (
        "settled",
        hospital.department.pk,
    )

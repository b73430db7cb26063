"""A nurse asks a store and lays out for a case by scanning alone."""

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld_said import scans, status
from tests.flows.site import Site
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.flows.handheld.about import About, Scanned
from yanji.flows.handheld.reading import read_scans
from yanji.flows.handheld.sights import Handful
from yanji.flows.handheld.today import tasks_named
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.use import plan_case
from yanji.identity import ScannerProfile
from yanji.identity.layouts import LAYOUTS
from yanji.places.models import Place


def test_what_is_needed_is_asked_for_by_any_label_of_it(committed: Site) -> None:
    here, nurse = committed, ApiClient(committed.nurse)
    here.stocked(1, serial="RQ1")
    given = scans((here.scan("RQ1"), 2), here.scan("NEVER-SEEN"))
    said = nurse.send("/handheld/readings", flow="request", scans=given).json()
    assert [each["code"] for each in said["offences"]] == ["scan_for_whom", "scan_which_store"]
    assert [(each["counted"], each["meaning"]["quantity"]) for each in said["sights"]] == [
        (True, 2),
        (True, 1),
    ]
    # The department and the store by their codes, whichever comes first; a store is none for whom things are asked.
    given += scans(here.h.store.code, here.h.department.code)
    said = nurse.send("/handheld/readings", flow="request", scans=given).json()
    assert said["about"] == {"place_id": here.h.department.pk, "from_place_id": here.h.store.pk}
    assert (said["ready"], said["confirmed"], said["pieces"]) == (True, False, 3)
    assert set(said["named"].values()) == {here.h.department.name, here.h.store.name}
    given += scans(here.h.department.code)
    assert nurse.send("/handheld/readings", flow="request", scans=given).json()["confirmed"]
    done = nurse.send("/handheld/acts", key=unique("k"), flow="request", scans=given)
    assert done.status_code == 200, done.content
    [line] = Requisition.objects.get(number=done.json()["number"]).lines.all()
    assert (line.item_id, line.quantity) == (here.h.item.pk, 3)
    # What names no item is told, and so is a paper.
    for other in ("NOBODY-KNOWS-IT", here.requisition().number):
        said = nurse.send("/handheld/readings", flow="request", scans=scans(other)).json()
        assert said["sights"][0]["meaning"]["offences"]


def test_a_case_is_laid_out_for_between_two_scans_of_its_wristband(committed: Site) -> None:
    here, nurse = committed, ApiClient(committed.nurse)
    [epc] = here.stocked(1, serial="SO1")
    wanted = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=[epc])
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    take_in(actor=here.ward, key=unique("k"), issue_id=issued.id, to_place_id=here.h.department.pk)
    token = unique("PT")
    plan_case(
        actor=here.ward, key=unique("k"), number=unique("CASE"), patient_token=token,
        department_id=here.h.department.pk,
    )  # fmt: skip
    other = unique("PT")
    plan_case(
        actor=here.ward, key=unique("k"), number=unique("CASE"), patient_token=other,
        department_id=here.h.department.pk,
    )  # fmt: skip
    given = scans(token, here.scan("SO1"))
    said = nurse.send("/handheld/readings", flow="set_out", scans=[*given, *scans(other)]).json()
    assert (said["ready"], said["confirmed"]) == (False, False)
    given += scans(token)
    said = nurse.send("/handheld/readings", flow="set_out", scans=given).json()
    assert (said["ready"], said["confirmed"]) == (True, True)
    done = nurse.send("/handheld/acts", key=unique("k"), flow="set_out", scans=given)
    assert done.status_code == 200, done.content
    assert status(epc) == "in_use"


def test_what_was_learnt_of_a_scanner_is_undone_of_what_is_no_label_as_well(committed: Site) -> None:
    """A wristband, the codes that confirm and say a reason, the name of a shelf: through another keyboard, in its own signs."""
    here, keys = committed, LAYOUTS["QWERTZ"]
    profile = ScannerProfile(prefix="*", suffix="#", sends_symbology=True, layout="QWERTZ")
    nurse, keeper = here.ward.reading_with(profile), here.keeper.reading_with(profile)

    def heard(reader: Actor, flow: str, *texts: str) -> Handful:
        arrived = ["".join(keys.get(each, each) for each in f"*{text}#") for text in texts]
        return read_scans([Scanned(text) for text in arrived], actor=reader, flow=flow, about=About())

    label, token = here.scan("KB1"), unique("PZ-Y")
    case = plan_case(
        actor=here.ward, key=unique("k"), number=unique("CY"), patient_token=token,
        department_id=here.h.department.pk,
    )  # fmt: skip
    for confirms in ("YANJI:OK", token):
        found = heard(nurse, "use", f"]C0{token}", label, f"]C0{confirms}")
        assert (found.about.case_id, found.confirmed_by) == (case.id, confirms)
        assert [sight.role for sight in found.sights] == ["about", "thing", "confirm"]
    typed = "".join(keys.get(each, each) for each in f"*]C0{token}#")
    assert [task.id for task in tasks_named(typed, nurse)] == [case.id]
    order = here.order((here.h.item, 1))
    found = heard(keeper, "receive", f"]C0{order.number}", label, "]C0YANJI:REASON:reject:damaged")
    assert [sight.reason for sight in found.seen] == ["reject:damaged"]
    Place.objects.filter(pk=here.h.bin.pk).update(name_en="Wide Y-7")
    found = heard(keeper, "put_away", label, "]C0Wide Y-7")
    assert found.about.place_id == here.h.bin.pk
    assert heard(keeper, "put_away", label, "]C0").about.place_id is None

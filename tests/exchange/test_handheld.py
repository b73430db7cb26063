"""The scan page's addresses: read together, done once, refused with what stands in the way, settled by a person."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import BASE, ApiClient
from tests.flows.site import Site, contents, counts
from tests.makers import place, unique
from yanji.access.models import Person
from yanji.catalog.models import ItemCode
from yanji.flows.attempts import Attempt
from yanji.flows.handheld import sending
from yanji.flows.handheld.models import SentAct
from yanji.flows.hold import hold
from yanji.flows.issue import issue
from yanji.flows.models import Act, Case
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.use import plan_case
from yanji.ledger.api import LotQuantity, Refused, on_hand, unit_view
from yanji.ledger.models import Event
from yanji.places.models import Kind


def scans(*texts: str, at: datetime | None = None) -> list[dict[str, Any]]:
    when = at.isoformat() if at else None
    return [{"text": text, "camera": True, "at": when} for text in texts]


class Page:
    """The scan page of somebody at a browser: a session with its CSRF token, and no bearer token."""

    def __init__(self, person: Person) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(person)
        self.client.cookies[django_settings.CSRF_COOKIE_NAME] = self.token = "a" * 32
        self.headers = {"X-CSRFToken": self.token, "X-Person": str(person.pk), "Accept-Language": "en"}

    def post(self, path: str, **payload: Any) -> Any:
        return self.client.post(
            BASE + path, json.dumps(payload), content_type="application/json", headers=self.headers
        )


@pytest.fixture
def keeper(committed: Site) -> ApiClient:
    return ApiClient(committed.storekeeper)


def read(client: ApiClient, flow: str, *texts: str, **more: Any) -> dict[str, Any]:
    answer = client.send("/handheld/readings", flow=flow, scans=scans(*texts), **more)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_session_may_speak_for_itself_alone(committed: Site, settings: Any) -> None:
    settings.ROOT_URLCONF = "yanji.host.urls"
    page = Page(committed.storekeeper)
    asked = {"flow": "look", "scans": scans("X")}
    assert page.post("/handheld/readings", **asked).status_code == 200
    page.headers["X-Person"] = str(committed.nurse.pk)
    other = page.post("/handheld/readings", **asked)
    assert (other.status_code, other.json()["code"]) == (403, "other_person")
    page.headers = {"Accept-Language": "en"}
    forged = page.post("/handheld/readings", **asked)
    assert (forged.status_code, forged.json()["code"]) == (403, "stale_session")
    assert ApiClient(None).send("/handheld/readings", **asked).status_code == 401


def test_the_page_opens_with_what_waits(committed: Site) -> None:
    here = committed
    wanted, ordered = here.requisition(), here.order()
    found = ApiClient(here.storekeeper).get("/handheld/today").json()
    assert found["ways"] == [
        "receive", "put_away", "pick", "issue", "ship", "arrive", "send_back", "ask_return", "reserve", "unreserve",
        "pack", "unpack", "restock", "return_explanted", "receive_consigned", "arrive_set", "send_set",
        "hand_back_set", "bind", "count", "scrap", "hold", "look",
    ]  # fmt: skip
    assert {(task["flow"], task["id"]) for task in found["tasks"]} == {
        ("receive", ordered.id),
        ("pick", wanted.id),
        ("reserve", wanted.id),
    }
    assert here.h.bin.pk in [place["id"] for place in found["places"]]
    assert "damaged" in found["reasons"]["hold"]
    nurse = ApiClient(here.nurse).get("/handheld/today").json()
    assert nurse["ways"] == [
        "request", "take_in", "use", "set_out", "open_piece", "take", "discard", "use_first", "explant", "hand_on", "give_back",
        "lend", "confirm_lending", "give_back_lent", "confirm_settlement", "count", "scrap", "look",
    ]  # fmt: skip
    # Proposed is a store of the campus, never one of another.
    far = place(Kind.STORE, place(Kind.CAMPUS))
    nurse = ApiClient(here.nurse).get("/handheld/today").json()
    assert [store["id"] for store in nurse["stores"]][:1] == [here.h.store.pk]
    assert far.pk not in [store["id"] for store in nurse["stores"]]
    assert [each["id"] for each in nurse["departments"]] == [here.h.department.pk]


def test_units_and_their_shelf_are_put_away_once(committed: Site, keeper: ApiClient) -> None:
    here = committed
    [epc] = here.stocked(1, serial="PW1")
    shelf = here.h.bin
    said = read(keeper, "put_away", here.scan("PW1"))
    assert [offence["code"] for offence in said["offences"]] == ["scan_where"]
    assert not said["ready"]
    given = scans(here.scan("PW1"), shelf.code)
    said = read(keeper, "put_away", *[scan["text"] for scan in given], shelf.code)
    assert [sight["role"] for sight in said["sights"]] == ["thing", "about", "confirm"]
    assert (said["about"], said["ready"], said["confirmed"]) == ({"place_id": shelf.pk}, True, True)
    key = unique("pwa")
    before = counts()
    first = keeper.send("/handheld/acts", key=key, flow="put_away", scans=given)
    assert first.status_code == 200, first.content
    again = keeper.send("/handheld/acts", key=key, flow="put_away", scans=given)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert first.json()["events"] == again.json()["events"]
    assert counts()[0] == before[0] + 1
    view = unit_view(epc)
    assert view is not None
    assert view.place_id == shelf.pk
    other = keeper.send("/handheld/acts", key=key, flow="put_away", scans=given[:1])
    assert (other.status_code, other.json()["code"]) == (409, "sent_otherwise")


def test_two_symbols_of_one_label_are_one_thing(committed: Site, keeper: ApiClient) -> None:
    committed.stocked(1, serial="PW2")
    first, second = "]C10106901234500011", "]C11749123110L1\x1d21PW2"
    alone = read(keeper, "look", first)
    assert [sight["half"] for sight in alone["sights"]] == [True]
    both = read(keeper, "look", first, second)
    assert [(sight["of"], sight["half"]) for sight in both["sights"]] == [([0, 1], False)]
    assert both["sights"][0]["meaning"]["serial"] == "PW2"


def test_the_clock_of_the_device_is_put_right(committed: Site, keeper: ApiClient) -> None:
    here = committed
    here.stocked(1, ago=2, serial="PW3")
    behind, key, now = timedelta(hours=3), unique("pwa"), timezone.now()
    made = now - timedelta(hours=1) - behind
    answer = keeper.send(
        "/handheld/acts", key=key, flow="put_away", scans=scans(here.scan("PW3"), here.h.bin.code, at=made),
        scanned_at=made, sent_at=now - behind, skew_ms=int(behind.total_seconds() * 1000),
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    event = Event.objects.get(pk=answer.json()["events"][0])
    assert abs(event.happened_at - (now - timedelta(hours=1))) < timedelta(seconds=30)
    kept = SentAct.objects.get(pk=key)
    assert kept.sent_skew_ms is not None
    assert abs(kept.sent_skew_ms - behind.total_seconds() * 1000) < 30_000
    assert (kept.scanned_at, kept.state) == (made, "accepted")


def test_what_somebody_moved_meanwhile_waits_for_a_person(committed: Site, keeper: ApiClient) -> None:
    here = committed
    [epc] = here.stocked(1, ago=2, serial="PW4")
    made = timezone.now() - timedelta(hours=1)
    put_away(actor=here.actor(here.second), key=unique("k"), things=[epc], to_place_id=here.h.bin.pk)
    key = unique("pwa")
    act = {
        "key": key,
        "flow": "hold",
        "scans": scans(here.scan("PW4"), at=made),
        "about": {"reason": "damaged"},
        "scanned_at": made,
        "sent_at": timezone.now(),
    }
    before = contents()
    refused = keeper.send("/handheld/acts", **act)
    assert (refused.status_code, refused.json()["code"]) == (409, "moved_since")
    assert here.second.name_en in refused.json()["sentences"][0]
    assert contents() == before
    assert SentAct.objects.get(pk=key).state == "refused"
    assert not Act.objects.filter(pk=key).exists()
    early = keeper.send("/handheld/acts", **act, again=True)
    assert early.json()["code"] == "moved_since", "somebody looked, but before it was moved"
    assert contents() == before
    act["scanned_at"] = timezone.now() + timedelta(seconds=1)
    done = keeper.send("/handheld/acts", **act, again=True)
    assert done.status_code == 200, done.content
    assert SentAct.objects.get(pk=key).state == "accepted"
    late = keeper.send("/handheld/settlements", **act, way="dropped", because="after all not")
    assert (late.status_code, late.json()["code"]) == (409, "sent_already_done")


def test_the_key_of_another_act_answers_nothing(committed: Site, keeper: ApiClient) -> None:
    """Whoever chooses a key that was used elsewhere is told so, and not that theirs is done."""
    here = committed
    first, second = here.stocked(2)
    put_away(actor=here.actor(here.second), key="theirs", things=[first], to_place_id=here.h.bin.pk)
    hold(actor=here.keeper, key="mine", things=[first], reason="damaged")
    serial = second.rsplit("/", 1)[1]
    before = contents()
    for key in ("theirs", "mine"):
        act = {"key": key, "flow": "put_away", "scans": scans(here.scan(serial), here.h.bin.code)}
        answer = keeper.send("/handheld/acts", **act)
        assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
        settled = keeper.send("/handheld/settlements", **act, way="dropped", because="wrong key")
        assert settled.status_code == 200, settled.content
    assert contents() == before


def test_what_was_settled_meanwhile_stays_settled(committed: Site, keeper: ApiClient) -> None:
    """Its key is used up: nothing is done under it by another way either; a late refusal does not open it again."""
    here = committed
    [epc] = here.stocked(1, serial="PW9")
    act = {"key": unique("pwa"), "flow": "put_away", "scans": scans(here.scan("PW9"), here.h.bin.code)}
    keeper.send("/handheld/settlements", **act, way="dropped", because="not now")
    before = contents()
    with pytest.raises(Refused) as refused:
        put_away(actor=here.keeper, key=act["key"], things=[epc], to_place_id=here.h.bin.pk)
    assert refused.value.code == "key_reused"
    stale = SentAct.objects.get(pk=act["key"])
    stale.state = "refused"
    sending._refused(stale, Refused("scan_where"))
    assert SentAct.objects.get(pk=act["key"]).state == "dropped"
    assert contents() == before


def test_an_act_that_was_parted_is_over(committed: Site, keeper: ApiClient) -> None:
    here = committed
    here.stocked(1, serial="PX1")
    whole, part = unique("pwa"), unique("pwa")
    both = scans(here.scan("PX1"), "?", here.h.bin.code)
    assert keeper.send("/handheld/acts", key=whole, flow="put_away", scans=both).status_code in (409, 422)
    done = keeper.send("/handheld/acts", key=part, flow="put_away", scans=[both[0], both[2]], replaces=whole)
    assert done.status_code == 200, done.content
    kept = SentAct.objects.get(pk=whole)
    assert (kept.state, kept.settled_by) == ("dropped", here.storekeeper)


def test_a_clock_beyond_the_calendar_is_as_good_as_none(committed: Site, keeper: ApiClient) -> None:
    here = committed
    here.stocked(1, serial="PX2")
    end = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    given = scans(here.scan("PX2"), here.h.bin.code, at=end)
    done = keeper.send(
        "/handheld/acts",
        key=unique("pwa"),
        flow="put_away",
        scans=given,
        scanned_at=end,
        sent_at=end,
        skew_ms=10**13,
    )
    assert done.status_code == 200, done.content


def test_what_is_dropped_says_why_and_is_never_done(committed: Site, keeper: ApiClient) -> None:
    here = committed
    here.stocked(1, serial="PW5")
    act = {
        "key": unique("pwa"),
        "flow": "hold",
        "scans": scans(here.scan("PW5")),
        "about": {"reason": "damaged"},
    }
    silent = keeper.send("/handheld/settlements", **act, way="dropped", because=" ")
    assert (silent.status_code, silent.json()["code"]) == (422, "settled_why")
    assert not SentAct.objects.exists()
    said = keeper.send("/handheld/settlements", **act, way="dropped", because="scanned by mistake")
    assert said.status_code == 200, said.content
    kept = SentAct.objects.get(pk=act["key"])
    assert (kept.state, kept.settled_because, kept.settled_by) == (
        "dropped",
        "scanned by mistake",
        here.storekeeper,
    )
    before = contents()
    done = keeper.send("/handheld/acts", **act)
    assert (done.status_code, done.json()["code"]) == (409, "sent_settled")
    assert contents() == before


def test_a_requisition_is_picked_and_handed_over_by_scans(committed: Site, keeper: ApiClient) -> None:
    here = committed
    for each in ("PW6", "PW7"):
        here.stocked(1, serial=each)
    wanted = here.requisition()
    texts = [wanted.number, here.scan("PW6"), here.scan("PW7")]
    assert read(keeper, "pick", *texts)["ready"]
    for flow, given in (("pick", texts), ("issue", [wanted.number])):
        done = keeper.send("/handheld/acts", key=unique("pwa"), flow=flow, scans=scans(*given))
        assert done.status_code == 200, done.content
    nurse = ApiClient(here.nurse)
    [task] = [t for t in nurse.get("/handheld/today").json()["tasks"] if t["flow"] == "take_in"]
    done = nurse.send(
        "/handheld/acts", key=unique("pwa"), flow="take_in", scans=scans(task["number"], here.scan("PW6"))
    )
    assert done.status_code == 200, done.content
    view = unit_view("01/06901234500011/21/PW6")
    assert view is not None
    assert (view.status, view.place_id) == ("available", here.h.department.pk)


def test_a_wristband_before_and_after_is_a_use(committed: Site) -> None:
    here = committed
    epcs = here.stocked(1, serial="PW8")
    wanted = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    issued = issue(actor=here.keeper, key=unique("k"), requisition_id=wanted.id)
    nurse = ApiClient(here.nurse)
    nurse.send("/handheld/acts", key=unique("pwa"), flow="take_in", about={"issue_id": issued.id}, scans=[])
    case, token = unique("CASE"), unique("PT")
    plan_case(
        actor=here.ward, key=unique("k"), number=case, patient_token=token, department_id=here.h.department.pk
    )
    texts = [token, here.scan("PW8"), token]
    stranger = read(nurse, "use", token, here.scan("PW8"), "PT-SOMEBODY")
    assert stranger["sights"][2]["meaning"]["offences"][0]["code"] == "not_confirmed"
    said = read(nurse, "use", *texts)
    assert (said["confirmed"], said["ready"]) == (True, True)
    other, another = unique("CASE"), unique("PT")
    plan_case(
        actor=here.ward,
        key=unique("k"),
        number=other,
        patient_token=another,
        department_id=here.h.department.pk,
    )
    for wrong in (another, other):
        # Never the other patient's in silence, however often it is scanned.
        mixed = [token, here.scan("PW8"), wrong, wrong]
        said = read(nurse, "use", *mixed)
        assert [sight["role"] for sight in said["sights"]] == ["about", "thing", "thing", "thing"]
        assert said["sights"][2]["meaning"]["offences"][0]["code"] == "other_wristband"
        assert (said["confirmed"], said["ready"]) == (False, False)
        assert said["named"]["case_id"].startswith(f"{case} · {token}")
        refused = nurse.send("/handheld/acts", key=unique("pwa"), flow="use", scans=scans(*mixed))
        assert refused.status_code in (409, 422), refused.content
        chosen = read(nurse, "use", wrong, about={"case_id": Case.objects.get(number=case).pk})
        assert chosen["sights"][0]["meaning"]["offences"][0]["code"] == "other_wristband"
    assert Attempt.objects.filter(code="other_wristband", verb="scan: use", actor=here.nurse).count() == 1
    assert read(nurse, "use", another, token)["named"]["case_id"].startswith(case), "nothing was taken yet"
    early = nurse.send("/handheld/acts", key=unique("pwa"), flow="use", scans=scans(*texts[:2]))
    assert early.status_code in (409, 422), early.content
    done = nurse.send("/handheld/acts", key=unique("pwa"), flow="use", scans=scans(*texts))
    assert done.status_code == 200, done.content
    view = unit_view(epcs[0])
    assert view is not None
    assert view.status == "used"


def test_many_things_cost_what_few_do(committed: Site, keeper: ApiClient) -> None:
    """Units, and pieces of lots, of which each lies somewhere: read and put away by the same number of statements."""
    here, spent = committed, {}
    for many in (2, 9):
        texts = []
        for number in range(many):
            serial = f"Q{many}{number}"
            here.stocked(1, serial=serial)
            texts.append(here.scan(serial))
        texts.append(here.h.bin.code)
        with CaptureQueriesContext(connection) as reading:
            assert read(keeper, "put_away", *texts)["ready"]
        with CaptureQueriesContext(connection) as doing:
            done = keeper.send("/handheld/acts", key=unique("pwa"), flow="put_away", scans=scans(*texts))
        assert done.status_code == 200, done.content
        spent[many] = (len(reading), len(doing))
    assert spent[2] == spent[9]


def test_what_cannot_be_read_costs_the_same_however_much_it_is(committed: Site, keeper: ApiClient) -> None:
    """Labels that nobody can read at the dock, and wristbands of nobody at a case."""
    here, spent, nurse = committed, {}, ApiClient(committed.nurse)
    ordered, case = here.order(), unique("CASE")
    plan_case(
        actor=here.ward,
        key=unique("k"),
        number=case,
        patient_token=unique("PT"),
        department_id=here.h.department.pk,
    )
    for many in (2, 9):
        labels = [f"]d2010690123450001921X{many}{n}" for n in range(many)]
        with CaptureQueriesContext(connection) as dock:
            said = read(keeper, "receive", ordered.number, *labels)
        assert {sight["meaning"]["kind"] for sight in said["sights"][1:]} == {"unreadable"}
        with CaptureQueriesContext(connection) as theatre:
            said = read(nurse, "use", case, *[f"PT-NOBODY-{many}-{n}" for n in range(many)])
        assert {sight["meaning"]["offences"][0]["code"] for sight in said["sights"][1:]} == {"not_confirmed"}
        spent[many] = (len(dock), len(theatre))
    assert spent[2] == spent[9]


def test_pieces_of_a_counted_lot_are_put_away(committed: Site, keeper: ApiClient) -> None:
    here = committed
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=here.counted)
    here.stocked_lot(10, expiry=date(2049, 12, 31))
    label = "]d201069012345000281749123110B1"
    done = keeper.send(
        "/handheld/acts", key=unique("pwa"), flow="put_away", scans=scans(label, label, here.h.bin.code)
    )
    assert done.status_code == 200, done.content
    [row] = on_hand(paths=[here.h.bin.path], by=("lot", "place"))
    assert (row.lot, int(row.quantity), row.place_id) == ("B1", 2, here.h.bin.pk)
    too_many = keeper.send(
        "/handheld/acts", key=unique("pwa"), flow="put_away", scans=scans(*[label] * 9, here.h.bin.code)
    )
    assert (too_many.status_code, too_many.json()["code"]) == (409, "lot_short")
    assert "Lot B1 was scanned for 9, and only 8 lie there" in too_many.json()["sentences"][0]


LABEL = "]d201069012345000281749123110B1"


@pytest.fixture
def spread(committed: Site) -> Site:
    """Ten pieces of a counted lot where they arrived, and six on a shelf."""
    ItemCode.objects.create(issuer="GS1", code="06901234500028", item=committed.counted)
    lot = committed.stocked_lot(16, expiry=date(2049, 12, 31))
    six = LotQuantity(lot, Decimal(6), committed.h.store.pk)
    put_away(actor=committed.keeper, key=unique("k"), things=[six], to_place_id=committed.h.bin.pk)
    return committed


@pytest.mark.parametrize("flow", ["put_away", "hold"])
def test_of_a_lot_at_several_places_a_person_says_from_which(spread: Site, flow: str) -> None:
    """Never the fullest shelf unseen: what is broken, or lies on the dock, is not what lies elsewhere."""
    here, keeper = spread, ApiClient(spread.storekeeper)
    other = place(Kind.BIN, here.h.store)
    about = {"place_id": other.pk} if flow == "put_away" else {"reason": "damaged"}
    act = {"flow": flow, "scans": scans(LABEL, LABEL)}
    said = keeper.send("/handheld/readings", **act, about=about).json()
    assert ([each["code"] for each in said["offences"]], said["ready"]) == (["scan_from"], False)
    assert [(each["id"], each["pieces"]) for each in said["sources"]] == [
        (here.h.store.pk, 10),
        (here.h.bin.pk, 6),
    ]
    before = contents()
    refused = keeper.send("/handheld/acts", key=unique("pwa"), **act, about=about)
    assert (refused.status_code, refused.json()["code"]) == (422, "scan_from")
    assert contents() == before
    about["from_place_id"] = here.h.bin.pk
    said = keeper.send("/handheld/readings", **act, about=about).json()
    assert (said["ready"], said["sights"][0]["source"]) == (True, here.h.bin.name_en or here.h.bin.name_zh)
    done = keeper.send("/handheld/acts", key=unique("pwa"), **act, about=about)
    assert done.status_code == 200, done.content
    left = {
        row.place_id: int(row.quantity)
        for row in on_hand(paths=["/"], by=("place",), statuses=("available",))
    }
    moved = {other.pk: 2} if flow == "put_away" else {}
    assert left == {here.h.store.pk: 10, here.h.bin.pk: 4, **moved}


def test_an_issue_takes_what_lies_picked_for_its_own_paper(spread: Site) -> None:
    """From several shelves, and never from the larger heap of another paper."""
    here, keeper = spread, ApiClient(spread.storekeeper)
    mine, other = (here.requisition((here.counted, pieces)) for pieces in (5, 8))
    [lot] = here.counted.lots.all()
    for wanted, parts in ((mine, {here.h.store: 2, here.h.bin: 3}), (other, {here.h.store: 8})):
        things = [LotQuantity(lot.pk, Decimal(count), at.pk) for at, count in parts.items()]
        pick(actor=here.keeper, key=unique("k"), requisition_id=wanted.id, things=things)
    too_many = scans(mine.number, *[LABEL] * 6)
    before = contents()
    refused = keeper.send("/handheld/acts", key=unique("pwa"), flow="issue", scans=too_many)
    assert (refused.status_code, refused.json()["code"]) == (409, "lot_short")
    assert contents() == before
    done = keeper.send("/handheld/acts", key=unique("pwa"), flow="issue", scans=too_many[:6])
    assert done.status_code == 200, done.content
    still = on_hand(paths=[here.h.store.path], by=("lot",), statuses=("picked",))
    assert [int(row.quantity) for row in still] == [8]


def test_what_no_table_can_hold_is_kept_written_out(committed: Site, keeper: ApiClient) -> None:
    """A broken symbol must not stay on a device for ever."""
    act = {"key": unique("pwa"), "flow": "hold", "scans": scans("AB\x00C"), "about": {"reason": "damaged"}}
    assert keeper.send("/handheld/acts", **act).status_code in (409, 422)
    assert keeper.send("/handheld/settlements", **act, way="dropped", because="unreadable").status_code == 200
    assert SentAct.objects.get(pk=act["key"]).scans[0]["text"] == "AB\\x00C"

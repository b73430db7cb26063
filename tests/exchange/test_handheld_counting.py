"""Counting by the scan page: what each scan would be is said before it is kept, and an act is kept once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.exchange.test_handheld import read, scans
from tests.flows.site import Site, contents
from tests.makers import place, unique
from yanji.flows.counting.count import close_count, recount, start_count
from yanji.flows.counting.models import Count, CountScan
from yanji.flows.handheld.models import SentAct
from yanji.flows.putaway import put_away
from yanji.places.models import Kind


@pytest.fixture
def keeper(committed: Site) -> ApiClient:
    return ApiClient(committed.storekeeper)


def started(here: Site, **limits: Any) -> Count:
    done = start_count(actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, **limits)
    return Count.objects.get(pk=done.id)


def test_a_count_is_scanned_shelf_by_shelf_and_kept_once(committed: Site, keeper: ApiClient) -> None:
    here = committed
    on_shelf, loose = (here.stocked(1, serial=serial)[0] for serial in ("KC1", "KC2"))
    put_away(actor=here.keeper, key=unique("k"), things=[on_shelf], to_place_id=here.h.bin.pk)
    count = started(here)
    waits = [task for task in keeper.get("/handheld/today").json()["tasks"] if task["flow"] == "count"]
    assert [(task["kind"], task["id"], task["names"]) for task in waits] == [
        ("count", count.pk, [count.number])
    ]
    other = place(Kind.BIN, here.h.store)
    texts = [count.number, here.scan("KC2"), here.h.bin.code, here.scan("KC1"), "??", here.h.bin.code]
    before = contents()
    said = read(keeper, "count", *texts)
    assert [(sight["role"], sight["verdict"]) for sight in said["sights"]] == [
        ("about", ""), ("thing", "right"), ("about", ""), ("thing", "right"), ("thing", "unknown"), ("confirm", ""),
    ]  # fmt: skip
    assert (said["ready"], said["confirmed"], said["about"]["count_id"]) == (True, True, count.pk)
    elsewhere = read(keeper, "count", count.number, other.code, here.scan("KC1"))
    assert (elsewhere["sights"][2]["verdict"], elsewhere["sights"][2]["source"]) == ("shelf", other.name)
    assert contents() == before, "nothing is kept by looking"
    key = unique("pwa")
    act = {
        "key": key,
        "flow": "count",
        "scans": scans(*texts, at=timezone.now()),
        "scanned_at": timezone.now(),
    }
    first, again = (keeper.send("/handheld/acts", **act) for _ in range(2))
    assert first.status_code == 200, first.content
    assert (first.json()["number"], again.json()["repeated"]) == (count.number, True)
    kept = CountScan.objects.filter(count=count).order_by("pk")
    assert [(row.epc, row.place_id, row.how) for row in kept] == [
        (loose, here.h.store.pk, "scan"), (on_shelf, here.h.bin.pk, "scan"), ("", here.h.bin.pk, "scan"),
    ]  # fmt: skip
    twice = read(keeper, "count", count.number, here.h.bin.code, here.scan("KC1"))
    assert (twice["sights"][2]["verdict"], twice["ready"]) == ("twice", True)


def test_what_stands_against_a_count_is_said(committed: Site, keeper: ApiClient) -> None:
    """A shelf of elsewhere, a count that somebody closed while the device was cut off, a paper that is none of it."""
    here = committed
    here.stocked(1, serial="KC3")
    count, far = started(here), place(Kind.BIN, place(Kind.STORE, here.h.campus))
    ordered = here.order()
    said = read(keeper, "count", count.number, far.code, here.scan("KC3"), ordered.number)
    codes = [[each["code"] for each in sight["meaning"]["offences"]] for sight in said["sights"]]
    assert codes == [[], ["shelf_not_counted"], [], ["scan_not_for_this"]]
    assert not said["ready"]
    assert read(keeper, "count", here.scan("KC3"))["offences"][0]["code"] == "scan_which_count"
    act = {"flow": "count", "scans": scans(count.number, here.scan("KC3"))}
    close_count(actor=here.keeper, key=unique("k"), count_id=count.pk)
    key, before = unique("pwa"), contents()
    late = keeper.send("/handheld/acts", key=key, **act)
    assert late.status_code == 409, late.content
    assert count.number in late.json()["sentences"][0]
    assert contents() == before
    assert SentAct.objects.get(pk=key).state == "refused"
    dropped = keeper.send(
        "/handheld/settlements", key=key, **act, way="handed_on", because="Closed too early"
    )
    assert dropped.status_code == 200, dropped.content
    assert SentAct.objects.get(pk=key).path.startswith(here.h.campus.path)


def test_a_blind_count_tells_nothing_and_many_cost_what_few_do(committed: Site, keeper: ApiClient) -> None:
    here, spent = committed, {}
    count = started(here, mode="blind")
    for many in (2, 7):
        texts = [count.number, here.h.bin.code]
        for number in range(many):
            here.stocked(1, serial=f"KB{many}{number}")
            texts.append(here.scan(f"KB{many}{number}"))
        with CaptureQueriesContext(connection) as reading:
            said = read(keeper, "count", *texts)
        for sight in said["sights"][2:]:
            assert (sight["verdict"], sight["meaning"]["unit"]) == ("noted", None)
        with CaptureQueriesContext(connection) as doing:
            done = keeper.send("/handheld/acts", key=unique("pwa"), flow="count", scans=scans(*texts))
        assert done.status_code == 200, done.content
        spent[many] = (len(reading), len(doing))
    assert spent[2] == spent[7]


def test_many_shelves_of_elsewhere_cost_what_one_does(committed: Site, keeper: ApiClient) -> None:
    here, spent = committed, []
    count, far = started(here), [place(Kind.BIN, place(Kind.STORE, here.h.campus)) for _ in range(4)]
    for shelves in (far[:1], far[1:]):
        with CaptureQueriesContext(connection) as reading:
            said = read(keeper, "count", count.number, *(shelf.code for shelf in shelves))
        told = [sight["meaning"]["offences"][0]["sentence"] for sight in said["sights"][1:]]
        assert all(shelf.name in each for shelf, each in zip(shelves, told, strict=True))
        spent.append(len(reading))
    assert spent[0] == spent[1]


def test_scans_from_before_the_count_are_not_believed(committed: Site, keeper: ApiClient) -> None:
    here = committed
    here.stocked(1, serial="KC4")
    count, early = started(here), timezone.now() - timedelta(hours=3)
    answer = keeper.send(
        "/handheld/acts", key=unique("pwa"), flow="count", scans=scans(count.number, here.scan("KC4"), at=early),
        scanned_at=early, sent_at=timezone.now(),
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "seen_at_odd")
    assert not CountScan.objects.exists()


def test_what_was_seen_before_the_close_is_no_recount(committed: Site, keeper: ApiClient) -> None:
    """Somebody whose device was cut off all the first round, and who is nobody who counted by what is kept."""
    here = committed
    here.stocked(1, serial="KC5")
    count, late = started(here), ApiClient(here.second)
    seen = timezone.now()
    close_count(actor=here.keeper, key=unique("k"), count_id=count.pk)
    recount(actor=here.keeper, key=unique("k"), count_id=count.pk)
    act: dict[str, Any] = {"flow": "count", "scanned_at": seen}
    texts = (count.number, here.scan("KC5"))
    answer = late.send("/handheld/acts", key=unique("pwa"), **act, scans=scans(*texts, at=seen))
    assert (answer.status_code, answer.json()["code"]) == (422, "seen_at_odd")
    assert not CountScan.objects.exists()
    now = late.send("/handheld/acts", key=unique("pwa"), flow="count", scans=scans(*texts, at=timezone.now()))
    assert now.status_code == 200, now.content
    assert CountScan.objects.get().round == 2

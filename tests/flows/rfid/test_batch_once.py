"""Whatever a reader hears, a count takes each thing once, no shelf from a tag, and nothing that was not shown or has left."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from tests.flows.counting import LOT_GTIN, Counted, lot_of
from tests.flows.rfid.test_batch import TAGS, reads, tagged, verdicts
from tests.flows.rfid.test_heard import gate_of
from tests.flows.site import Site, person
from tests.makers import unique
from yanji.flows.counting.by_reader import count_batch, look_at_batch
from yanji.flows.counting.models import CountScan
from yanji.flows.counting.scan import Read as CountRead
from yanji.flows.counting.scan import record
from yanji.flows.counting.scan_back import take_back
from yanji.flows.packing.pack import pack
from yanji.flows.rfid.heard import close_what_is_gone, hear
from yanji.flows.rfid.models import Reader
from yanji.flows.rfid.readers import enter_reader
from yanji.flows.rfid.sightings import Read
from yanji.identity import gs1_mod10
from yanji.identity.epc import to_hex
from yanji.ledger.api import LotQuantity
from yanji.places.models import Place

STRANGE = "E28011606000020000000099"


@pytest.fixture
def asked(here: Site, settings: Any) -> dict[str, Any]:
    """Who counts what, and a handheld of the store; boxes get numbers that a tag can bear."""
    settings.YANJI_GS1_PREFIX = "6901234"
    editor = here.actor(person("administrator", here.h.campus))
    reader = enter_reader(
        actor=editor, key=unique("k"), name="Handheld 2", kind="handheld", protocol="mqtt", address="rfid/main/two",
        place_id=here.h.store.pk,
    ).id  # fmt: skip
    return {"actor": here.keeper, "reader_id": reader}


def seen(asked: dict[str, Any], *tags: str) -> None:
    """They are read, and are then out of the field: read again, each is another passage."""
    reads(Reader.objects.get(pk=asked["reader_id"]), *tags)
    close_what_is_gone(timezone.now() + timedelta(minutes=1))


def tag_of_place(place: Place, body: str) -> str:
    place.gln = body + gs1_mod10(body)
    place.save()
    return to_hex([("414", place.gln)], "sgln+")


def box_of(here: Site, *things: Any, boxes: list[str] | None = None) -> tuple[str, str]:
    """A box's code, and the memory of its tag."""
    code = pack(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk, kind="box", things=things, boxes=boxes or []
    ).facts["code"]  # fmt: skip
    return code, to_hex([("00", code.removeprefix("00/"))], "sscc+")


def lot_tag(serial: str) -> str:
    """A maker's tag of a piece that is counted by its lot."""
    return to_hex([("01", LOT_GTIN), ("21", serial), ("17", "490101"), ("10", "B1")], "sgtin+")


def counted_pieces() -> int:
    return CountScan.objects.filter(kind="lot", replaced_by=None).aggregate(n=Sum("quantity"))["n"] or 0


def test_tags_of_places_and_papers_neither_steer_nor_refuse(here: Site, asked: dict[str, Any]) -> None:
    [epc] = tagged(here, 1)
    number = here.order((here.counted, 1))
    asked["count_id"] = Counted(here).id
    shelf = tag_of_place(here.h.bin, "690123450001")
    next_door = tag_of_place(here.h.department, "690123450002")
    for tag in (shelf, next_door, number.number, TAGS[0]):
        seen(asked, tag)
    shown = look_at_batch(**asked)
    assert verdicts(shown.heard) == ["nothing", "nothing", "nothing", "right"]
    assert ([each.meaning.epc for each in shown.new], shown.aside) == ([epc], 3)
    assert verdicts(count_batch(**asked, upto=shown.upto)) == ["nothing", "nothing", "nothing", "right"]
    assert CountScan.objects.get().place_id == here.h.store.pk
    assert look_at_batch(**asked).new == []


@pytest.mark.parametrize("first", [0, 1, 2, 3], ids=["pallet", "box", "piece", "all"])
def test_what_is_read_with_its_box_is_counted_once(here: Site, asked: dict[str, Any], first: int) -> None:
    lot = lot_of(here, 12)
    unit = here.stocked(1)[0]
    inner, inner_tag = box_of(here, LotQuantity(lot, Decimal(8), here.h.store.pk), unit)
    _pallet, pallet_tag = box_of(here, LotQuantity(lot, Decimal(2), here.h.store.pk), boxes=[inner])
    field = [pallet_tag, inner_tag, lot_tag("P1"), lot_tag("P2")]
    asked["count_id"] = Counted(here).id
    seen(asked, *(field if first == 3 else [field[first]]))
    count_batch(**asked)
    assert counted_pieces() == [10, 8, 1, 10][first]
    for _again in range(2):
        seen(asked, *field)
        count_batch(**asked)
        assert counted_pieces() == 10
        assert CountScan.objects.filter(kind="unit").count() == 1
        assert look_at_batch(**asked).new == []
    # Of the two loose pieces one has a tag that is read, as all in the boxes: eleven are there.
    seen(asked, *(lot_tag(f"M{n}") for n in range(9)))
    count_batch(**asked)
    assert counted_pieces() == 11


def test_a_tag_of_no_unit_counts_once_in_a_round(here: Site, asked: dict[str, Any]) -> None:
    lot_of(here, 12)
    count = Counted(here)
    asked["count_id"] = count.id
    seen(asked, lot_tag("P1"), STRANGE)
    assert verdicts(count_batch(**asked)) == ["noted", "unknown"]
    assert all(each.repeated for each in count_batch(**asked))
    seen(asked, lot_tag("P1"), STRANGE)
    assert look_at_batch(**asked).new == []
    assert verdicts(count_batch(**asked)) == ["twice", "twice"]
    assert verdicts(count.scan(lot_tag("P1"), STRANGE, STRANGE, how="tag")) == ["twice"] * 3
    assert CountScan.objects.count() == 2
    taken = CountScan.objects.get(kind="lot")
    take_back(actor=here.keeper, count_id=count.id, key=unique("u"), scan_id=taken.pk)
    seen(asked, lot_tag("P1"))
    assert "noted" in verdicts(count_batch(**asked))
    assert counted_pieces() == 1


def test_another_quantity_that_was_said_of_a_box_stays(here: Site, asked: dict[str, Any]) -> None:
    lot = lot_of(here, 12)
    _code, tag = box_of(here, LotQuantity(lot, Decimal(8), here.h.store.pk))
    asked["count_id"] = Counted(here).id
    seen(asked, tag)
    assert verdicts(count_batch(**asked)) == ["noted"]
    assert [each.repeated for each in look_at_batch(**asked).heard] == [True]
    row = CountScan.objects.get()
    take_back(actor=here.keeper, count_id=asked["count_id"], key=unique("u"), scan_id=row.pk, quantity=6)
    seen(asked, tag, lot_tag("P1"))
    assert look_at_batch(**asked).new == []
    count_batch(**asked)
    assert counted_pieces() == 6


def test_what_left_before_or_after_the_look_is_not_counted(here: Site) -> None:
    epcs = tagged(here, 3)
    gate, count = gate_of(here), Counted(here)
    asked = {"actor": here.keeper, "count_id": count.id, "reader_id": gate.pk}

    def passes(tag: str, *antennas: int) -> None:
        start = timezone.now()
        hear(gate.pk, [Read(tag, each, start + timedelta(seconds=n)) for n, each in enumerate(antennas)])
        close_what_is_gone(timezone.now() + timedelta(minutes=1))

    passes(TAGS[0], 1, 2)
    passes(TAGS[1], 1, 2)
    passes(TAGS[2], 1, 2)
    passes(TAGS[0], 2, 1)
    shown = look_at_batch(**asked)
    assert {each.meaning.epc for each in shown.heard} == set(epcs[1:])
    passes(TAGS[2], 2, 1)
    assert [each.meaning.epc for each in count_batch(**asked, upto=shown.upto)] == [epcs[1]]


def test_a_blind_count_says_no_more_when_it_is_asked_again(here: Site, asked: dict[str, Any]) -> None:
    tagged(here, 1)
    asked |= {"count_id": Counted(here, mode="blind").id, "place_id": here.h.bin.pk}
    seen(asked, TAGS[0], STRANGE)
    assert verdicts(count_batch(**asked)) == ["noted", "unknown"]
    assert CountScan.objects.get(kind="unit").verdict == "shelf"
    assert verdicts(look_at_batch(**asked).heard) == ["noted", "unknown"]
    key = CountScan.objects.get(kind="unit").key
    [again] = record(
        actor=here.keeper, count_id=asked["count_id"], reads=[CountRead(TAGS[0], key)], how="tag"
    )
    assert (again.verdict, again.repeated) == ("noted", True)

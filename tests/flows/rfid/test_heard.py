"""What readers say becomes passages, however it is cut into messages; and readers are entered by who may."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from tests.flows.site import Site, contents, person
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.codes import add_code
from yanji.flows.rfid.heard import alive, close_what_is_gone, hear, lost, mishear
from yanji.flows.rfid.models import SILENT_AFTER, Misheard, Passage, Reader
from yanji.flows.rfid.queries import explained, readers_near, seen_by, silent_readers, tags_in_field
from yanji.flows.rfid.readers import (
    change_reader,
    enter_reader,
    look_at_misheard,
    misheard_for,
    set_reader_active,
)
from yanji.flows.rfid.sightings import GONE_AFTER, Read
from yanji.ledger.api import Refused
from yanji.places.models import Kind

TAGS = [f"E2801160600002{number:010X}" for number in range(200)]


def gate_of(here: Site) -> Reader:
    """A gate at the door of the store, entered by who edits places: antenna 1 outside, 2 inside."""
    editor = here.actor(person("administrator", here.h.campus))
    done = enter_reader(
        actor=editor, key=unique("k"), name="库房门禁", kind="gate", protocol="llrp", address="10.0.3.7:5084",
        place_id=here.h.store.pk, inside=[2], outside=[1],
    )  # fmt: skip
    return Reader.objects.get(pk=done.id)


@pytest.fixture
def gate(here: Site) -> Reader:
    return gate_of(here)


def moments(*seconds: float) -> list[Any]:
    start = timezone.now() - timedelta(minutes=1)
    return [start + timedelta(seconds=each) for each in seconds]


def test_reads_in_many_messages_are_one_passage_with_its_direction(gate: Reader) -> None:
    first, second, third, fourth = moments(0, 0.4, 0.9, 1.3)
    hear(gate.pk, [Read(TAGS[0], 1, first, -70, 2)])
    hear(gate.pk, [Read(TAGS[0], 1, second, -50), Read(TAGS[0], 2, third, -49, 3)])
    hear(gate.pk, [Read(TAGS[0], 2, fourth, -66)])
    passage = Passage.objects.get()
    assert (passage.first_at, passage.last_at, passage.count, passage.rssi) == (first, fourth, 7, -49)
    assert (passage.inside_count, passage.outside_count, passage.direction) == (4, 3, "in")
    assert passage.outside_at == first + (second - first) / 3
    assert passage.inside_at == third + (fourth - third) / 4


def test_what_was_gone_and_comes_back_is_a_second_passage(gate: Reader) -> None:
    first, second, third = moments(0, GONE_AFTER.total_seconds() + 1, 30)
    hear(gate.pk, [Read(TAGS[0], 1, first)])
    hear(gate.pk, [Read(TAGS[0], 2, second), Read(TAGS[0], 1, third)])
    assert list(Passage.objects.order_by("first_at").values_list("first_at", flat=True)) == [
        first,
        second,
        third,
    ]
    assert Passage.objects.filter(closed_at=None).get().first_at == third


def test_what_is_gone_is_closed_and_what_stands_there_is_not(gate: Reader) -> None:
    now = timezone.now()
    hear(gate.pk, [Read(TAGS[0], 1, now - GONE_AFTER * 2), Read(TAGS[1], 1, now)])
    Passage.objects.filter(epc=TAGS[0]).update(heard_at=now - GONE_AFTER * 2)
    assert close_what_is_gone(now) == 1
    assert Passage.objects.get(closed_at=None).epc == TAGS[1]


def test_a_reader_whose_clock_is_slow_still_tells_the_direction(gate: Reader) -> None:
    late = timezone.now() - timedelta(seconds=40)
    hear(gate.pk, [Read(TAGS[0], 1, late)])
    assert close_what_is_gone(timezone.now()) == 0
    hear(gate.pk, [Read(TAGS[0], 2, late + timedelta(seconds=1))])
    assert Passage.objects.get().direction == "in"


def test_a_reader_that_counts_anew_is_heard_and_what_it_sends_twice_is_not(gate: Reader) -> None:
    [at] = moments(0)
    later = at + timedelta(seconds=5)
    assert hear(gate.pk, [Read(TAGS[0], 1, at)], message=80_000, said_at=at) == 1
    assert hear(gate.pk, [Read(TAGS[1], 1, later)], message=1, said_at=later) == 1
    assert hear(gate.pk, [Read(TAGS[1], 1, later)], message=1, said_at=later) is None
    assert Reader.objects.get().last_message == 1


def test_more_reads_than_a_column_holds_are_as_many_as_it_holds(gate: Reader) -> None:
    [at] = moments(0)
    for _ in range(2):
        hear(gate.pk, [Read(TAGS[0], antenna, at, count=2**31 - 1) for antenna in (1, 2)])
    assert Passage.objects.get().count == 2**31 - 1


def test_a_message_that_is_sent_twice_counts_once(gate: Reader) -> None:
    [at] = moments(0)
    assert hear(gate.pk, [Read(TAGS[0], 1, at)], message=7) == 1
    assert hear(gate.pk, [Read(TAGS[0], 1, at)], message=7) is None
    assert hear(gate.pk, [Read(TAGS[0], 1, at)], message=6) is None
    assert Passage.objects.get().count == 1
    hear(gate.pk, [Read(TAGS[0], 1, at)], message=8)
    assert Passage.objects.get().count == 2


def test_a_thousand_tags_cost_the_statements_of_one(gate: Reader) -> None:
    [at] = moments(0)
    costs = []
    for tags in (TAGS[:1], TAGS):
        with CaptureQueriesContext(connection) as spent:
            hear(gate.pk, [Read(tag, antenna, at) for tag in tags for antenna in (1, 2)])
        costs.append(len(spent))
    assert costs[0] == costs[1] <= 6


def test_what_left_without_a_paper_is_told_and_what_was_issued_is_not(here: Site, gate: Reader) -> None:
    stays, leaves = here.stocked(2)
    for epc, tag in zip((stays, leaves), TAGS, strict=False):
        add_code(actor=here.keeper, key=unique("k"), epc=epc, code=tag)
    early, late = moments(0, 1)
    hear(
        gate.pk,
        [Read(TAGS[0], 1, early), Read(TAGS[0], 2, late), Read(TAGS[1], 2, early), Read(TAGS[1], 1, late)],
    )
    seen = explained(seen_by(gate, since=early), here.keeper)
    told = {each.meaning.unit.epc: (each.passage.direction, each.left_without_paper) for each in seen}
    assert told == {stays: ("in", False), leaves: ("out", True)}
    assert sorted(tags_in_field(gate, now=timezone.now(), within_last=timedelta(minutes=5))) == sorted(
        TAGS[:2]
    )


def test_a_reader_is_silent_until_it_is_heard_and_again_when_it_stays_away(here: Site, gate: Reader) -> None:
    now = timezone.now()
    assert silent_readers([here.h.campus.path], now) == [gate]
    alive(gate.pk)
    assert silent_readers([here.h.campus.path], timezone.now()) == []
    lost(gate.pk, "the reader hung up")
    assert [
        each.lost_because for each in silent_readers([here.h.campus.path], timezone.now() + SILENT_AFTER * 2)
    ] == ["the reader hung up"]
    hear(gate.pk, [])
    assert Reader.objects.get().lost_because == ""


def test_a_reader_is_seen_where_one_sees_stock_and_edited_where_one_edits_places(
    committed: Site,
) -> None:
    here, gate = committed, gate_of(committed)
    stranger = here.actor(person("storekeeper", place(Kind.STORE)))
    assert readers_near(here.keeper) == [gate]
    assert readers_near(stranger) == []
    assert misheard_for(here.keeper) == []
    before = contents()
    for actor, answer in ((stranger, NotFound), (here.keeper, Refused)):
        with pytest.raises(answer):
            set_reader_active(actor=actor, key=unique("k"), reader_id=gate.pk, active=False)
    assert contents() == before


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"address": "10.0.3.7"}, "bad_reader_address"),
        ({"address": "10.0.3.7:0"}, "bad_reader_address"),
        ({"address": ":5084"}, "bad_reader_address"),
        ({"protocol": "mqtt", "address": "rfid/+/dock"}, "bad_reader_topic"),
        ({"inside": [2], "outside": [2]}, "bad_antennas"),
        ({"inside": [33], "outside": [1]}, "bad_antennas"),
        ({"inside": [2], "outside": []}, "gate_needs_both_sides"),
        ({"kind": "drone"}, "unknown_reader_kind"),
        ({"address": "10.0.3.7:5084"}, "reader_address_taken"),
    ],
)
def test_what_cannot_be_a_reader_is_refused(committed: Site, wrong: dict[str, Any], code: str) -> None:
    here, _gate = committed, gate_of(committed)
    editor, before = here.actor(person("administrator", here.h.campus)), contents()
    given = {
        "name": "门禁二", "kind": "gate", "protocol": "llrp", "address": "10.0.3.8:5084", "place_id": here.h.store.pk
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        enter_reader(actor=editor, key=unique("k"), **{**given, **wrong})
    assert refused.value.code == code
    assert contents() == before


def test_a_reader_that_was_taken_off_leaves_its_address_to_another(here: Site, gate: Reader) -> None:
    editor = here.actor(person("administrator", here.h.campus))
    set_reader_active(actor=editor, key=unique("k"), reader_id=gate.pk, active=False)
    done = enter_reader(
        actor=editor, key=unique("k"), name="门禁二", kind="gate", protocol="llrp", address=gate.address,
        place_id=here.h.store.pk,
    )  # fmt: skip
    change_reader(actor=editor, key=unique("k"), reader_id=done.id, name="门禁三", address="10.0.3.9:5084")
    assert [(each.name, each.active) for each in readers_near(editor, also_ended=True)] == [
        ("门禁三", True),
        ("库房门禁", False),
    ]
    assert readers_near(here.keeper) == [Reader.objects.get(name="门禁三")]


def test_what_could_not_be_taken_waits_until_somebody_has_looked(here: Site, gate: Reader) -> None:
    editor = here.actor(person("administrator", here.h.campus))
    mishear(gate.pk, "\0" + "x" * 5_000, "no JSON")
    [kept] = misheard_for(editor)
    assert (len(kept.payload), kept.why) == (4_000, "no JSON")
    look_at_misheard(actor=editor, key=unique("k"), reader_id=gate.pk)
    assert misheard_for(editor) == []
    assert Misheard.objects.get().seen_by_id == editor.person_id


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[Errno 111] Connect call failed ('10.0.3.7', 5084)", "Nothing answers at its address."),
        ("[Errno 113] No route to host", "No way leads to its address."),
        ("[Errno -2] Name or service not known", "The name in its address is not known"),
        ("TimeoutError", "It did not answer in time."),
        ("0 bytes read on a total of 10 expected bytes", "The connection broke off."),
        ("no broker", "No MQTT broker is named."),
        ("broker: [Errno 111] Connection refused", "The MQTT broker cannot be reached, and with it no reader that speaks over"),
        ("SET_READER_CONFIG: status 101", "SET_READER_CONFIG: status 101"),
        ("", ""),
    ],
)  # fmt: skip
def test_why_a_reader_is_not_heard_is_told_in_words(said: str, words: str) -> None:
    with override("en"):
        assert Reader(lost_because=said).why_lost.startswith(words)

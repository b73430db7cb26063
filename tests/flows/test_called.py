"""A refusal calls a thing as the row above it does: by its item and serial, and never by what the reader may not know."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.flows.site import Site, person
from tests.makers import place, unique
from yanji.flows.called import worded
from yanji.flows.hold import hold
from yanji.flows.pick import pick
from yanji.flows.preview import interpret
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Kind


def test_a_scan_and_its_act_call_a_unit_by_name(committed: Site) -> None:
    """The scan names it at once; the act looks when it is refused."""
    here = committed
    epc = here.stocked(1)[0]
    serial, item = epc.rsplit("/", 1)[1], here.h.item.name
    hold(actor=here.keeper, key=unique("h"), things=[epc], reason="damaged")
    wanted = here.requisition((here.h.item, 1))
    with translation.override("en"):
        found = interpret(here.scan(serial), actor=here.keeper, flow="pick", requisition_id=wanted.id)
        said = [each.sentence() for each in found.offences]
        assert [each for each in said if "on hold" in each] == [
            f"{item} · {serial} is on hold. Put it into the quarantine box and take another one."
        ]
        with pytest.raises(Refused) as refused:
            pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[epc])
        assert f"{item} · {serial} is on hold" in str(refused.value)
        assert epc not in str(refused.value)
    assert {each.thing for each in refused.value.offences} == {epc}  # as programs know it


def test_a_sentence_that_names_the_item_says_the_serial_beside_it(committed: Site) -> None:
    here = committed
    epc = here.stocked(1)[0]
    serial = epc.rsplit("/", 1)[1]
    wanted = here.requisition((here.counted, 1))
    found = interpret(here.scan(serial), actor=here.keeper, flow="pick", requisition_id=wanted.id)
    with translation.override("en"):
        [said] = [each.sentence() for each in found.offences if each.code == "not_requested"]
    assert said.startswith(f"{serial} ({here.h.item.name}) was not asked for in ")


def test_nobody_learns_what_a_hidden_unit_is(committed: Site) -> None:
    epc = committed.stocked(1)[0]
    keeper, stranger = committed.keeper, committed.actor(person("storekeeper", place(Kind.CAMPUS)))
    refusal = Refused("on_hold", thing=epc)
    assert committed.h.item.name in str(worded(refusal, keeper))
    assert str(worded(refusal, stranger)) == str(refusal)
    of_codes = Refused.of([Offence("not_yours", epc)])
    assert str(worded(of_codes, keeper)) == str(of_codes)
    with CaptureQueriesContext(connection) as asked:
        worded(Refused("bad_pieces", most=9), keeper)
    assert len(asked) == 0

"""A program that changes a reader says what is new; what it does not speak of stays."""

from typing import Any

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person
from tests.makers import place
from yanji.flows.rfid.models import Reader
from yanji.places.models import Kind

WIRING = ("tls", "door_input", "door_open_high", "inside", "outside")


def wiring(name: str) -> tuple[Any, ...]:
    return Reader.objects.values_list(*WIRING).get(name=name)


def test_a_changed_reader_keeps_the_wiring_that_is_not_spoken_of(committed: Site) -> None:
    cabinet = place(Kind.CABINET, committed.h.store)
    api = ApiClient(person("administrator", committed.h.campus))
    known = {"name": "柜", "address": "10.0.3.7:5085"}
    wired = {"tls": True, "door_input": 2, "door_open_high": False}
    made = api.done("/readers", kind="cabinet", protocol="llrp", place_id=cabinet.pk, **known, **wired)
    assert wiring("柜") == (True, 2, False, [], [])

    address = f"/readers/{made['id']}"
    api.done(address, **{**known, "name": "柜子"})
    assert wiring("柜子") == (True, 2, False, [], [])
    api.done(address, **known, door_open_high=True)
    assert wiring("柜") == (True, 2, True, [], [])
    api.done(address, **known, tls=False, door_input=None)
    assert wiring("柜") == (False, None, True, [], [])


def test_a_renamed_gate_keeps_its_sides(committed: Site) -> None:
    api = ApiClient(person("administrator", committed.h.campus))
    known = {"name": "门禁", "address": "10.0.3.8:5084"}
    sides = {"inside": [2], "outside": [1]}
    made = api.done("/readers", kind="gate", protocol="llrp", place_id=committed.h.store.pk, **known, **sides)
    address = f"/readers/{made['id']}"
    api.done(address, **{**known, "name": "门禁二"})
    assert wiring("门禁二") == (False, None, True, [2], [1])
    api.done(address, **known, inside=[], outside=[])
    assert wiring("门禁") == (False, None, True, [], [])

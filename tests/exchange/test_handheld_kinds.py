"""The kinds of paper that the scan page knows stand in nine lists, on both sides of the network: they name the same."""

import re
from pathlib import Path
from typing import get_args

from yanji import web
from yanji.exchange.api.handheld import AboutIn, Doing
from yanji.exchange.api.handheld_tasks import Kind
from yanji.flows.handheld.handed_on import PLACES
from yanji.flows.handheld.naming import GATES
from yanji.flows.handheld.today import OPEN_STATES, TOLD
from yanji.flows.handheld.todo import LEFT
from yanji.flows.handheld.turns import TURN
from yanji.flows.handheld.way import WHICH
from yanji.flows.handheld.ways import WAYS


def test_a_device_alone_asks_for_all_that_no_paper_can_name() -> None:
    """What it does not ask for while the server is silent is queued, and refused hours later. Who takes a return along its paper
    may say."""
    page = (Path(web.__file__).parent / "static/yanji/hand/acts.js").read_text(encoding="utf-8")
    asked = {
        (flow, fact)
        for flow, needs in re.findall(r"^  (\w+): \{.*needs: \[([^\]]*)\]", page, re.MULTILINE)
        for fact in re.findall(r'"(\w+)"', needs)
    }
    wanted = {(flow, "reason") for flow, way in WAYS.items() if way.reasons and way.needs_reason}
    wanted |= {(flow, "handed_to") for flow, way in WAYS.items() if way.needs_carrier}
    assert asked == wanted | {(flow, "amount") for flow, way in WAYS.items() if way.measures}


def test_every_kind_of_paper_is_known_wherever_kinds_are_listed() -> None:
    """A kind that is new and misses one of the lists is waited for by nobody, without a word."""
    kinds = {kind for way in WAYS.values() for kind in way.papers}
    listed = {kind for _flow, kind in LEFT}
    for name, found in (("gates", GATES), ("told", TOLD), ("places", PLACES), ("tasks", get_args(Kind))):
        assert kinds == {*found}, name
    assert kinds - {*OPEN_STATES} == {"requisition", "transfer", "lending", "loan_set"}, (
        "these are asked by more"
    )
    assert listed <= kinds
    assert {field.removesuffix("_id") for field in AboutIn.model_fields} >= kinds
    assert {way.documents for way in WAYS.values() if way.documents} == WHICH.keys()
    assert set(get_args(Doing)) == WAYS.keys() - {"look"}
    page = (Path(web.__file__).parent / "static/yanji/hand/todo.js").read_text(encoding="utf-8")
    [known] = re.findall(r"const KINDS = \[(.*?)\]", page)
    assert listed == set(re.findall(r'"([a-z_]+)"', known))
    assert {flow for flow, _kind in LEFT} - TURN.keys() == {"use", "set_out"}, (
        "cases have a turn of their own"
    )

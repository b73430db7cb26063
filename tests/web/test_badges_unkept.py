"""A badge that was scanned for goods at a shared device is kept nowhere; elsewhere no code is looked for."""

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import BASE
from tests.flows.counting import Counted
from tests.flows.site import Site, contents, site
from tests.makers import unique
from tests.web.shared_world import BADGE, administrator, badged, come_in, device
from yanji.access.badges import badges_among, give_badge
from yanji.catalog.models import Quarantined
from yanji.flows.adopt import keep_all_unreadable
from yanji.flows.handheld.models import SentAct
from yanji.ledger.api import Refused

OTHER = "0004711888"


@pytest.fixture
def committed(transactional_db: None) -> Site:
    return site()


def sent(client: Client, address: str, **act: object) -> tuple[int, dict[str, object]]:
    csrf = {"X-CSRFToken": client.cookies["yanji_csrf"].value, "Accept-Language": "en"}
    answer = client.post(BASE + address, json.dumps(act), content_type="application/json", headers=csrf)
    return answer.status_code, answer.json()


def test_an_act_with_a_badge_in_it_is_refused_and_dropped_without_it(committed: Site) -> None:
    boss = administrator(committed)
    badged(committed, boss)
    badged(committed, boss, code=OTHER)
    client = device(boss, committed.h.department)
    come_in(client, badge=BADGE)
    client.get("/scan")
    scans = [{"text": text, "camera": False, "at": None} for text in (OTHER, "A-01-02-03")]
    act = {"key": unique("k"), "flow": "give_back", "scans": scans, "about": {}}
    status, said = sent(client, "/handheld/acts", **act)
    assert (status, said["code"]) == (422, "scan_badge")
    assert OTHER not in json.dumps(said)
    assert not SentAct.objects.exists()
    assert sent(client, "/handheld/settlements", **act, way="dropped", because="a badge")[0] == 200
    assert [each["text"] for each in SentAct.objects.get().scans] == ["", "A-01-02-03"]


def test_a_count_keeps_no_badge(committed: Site) -> None:
    badged(committed, administrator(committed), code=OTHER)
    count = Counted(committed)
    before = contents()
    here = replace(committed.keeper, takes_turns=True)
    with pytest.raises(Refused) as refused:
        count.scan("no such thing", f"{OTHER} ", who=here)
    assert [(each.code, each.thing) for each in refused.value.offences] == [("scan_badge", "…88")]
    assert contents() == before
    assert count.scan("no such thing", who=here)[0].verdict == "unknown"


def test_what_cannot_be_read_is_kept_but_for_badges(committed: Site) -> None:
    # Looks like a box whose number is cut short.
    badge = "]C100047118"
    give_badge(actor=administrator(committed), person_id=committed.nurse.pk, code=badge[3:])
    actor = replace(committed.keeper, takes_turns=True)
    keep_all_unreadable([(badge, None), ("]C100047119", None)], actor=actor, flow="receive")
    assert [each.content["scan"] for each in Quarantined.objects.all()] == ["]C100047119"]


def test_elsewhere_nobody_is_told_what_is_a_badge(committed: Site) -> None:
    badged(committed, administrator(committed), code=OTHER)
    actor = committed.keeper
    with CaptureQueriesContext(connection) as asked:
        assert badges_among([OTHER], actor=actor) == set()
    assert len(asked) == 0
    with CaptureQueriesContext(connection) as asked:
        scans = [OTHER, *(f"00047{n:05}" for n in range(500))]
        assert badges_among(scans, actor=replace(actor, takes_turns=True)) == {OTHER}
    assert len(asked) == 1

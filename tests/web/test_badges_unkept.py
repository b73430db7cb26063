"""A badge that was scanned for goods at a shared device is kept nowhere; elsewhere no code is looked for."""

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.exchange.client import BASE, ApiClient
from tests.flows.counting import Counted
from tests.flows.site import GTIN, Site, contents, site
from tests.makers import unique
from tests.web.shared_world import BADGE, administrator, badged, come_in, device
from yanji.access.badges import badges_among, give_badge
from yanji.catalog.models import Quarantined
from yanji.flows.adopt import adopt_unknown, keep_all_unreadable
from yanji.flows.handheld.models import SentAct
from yanji.identity import ScannerProfile, gs1_mod10
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


@pytest.mark.parametrize(
    "scan",
    [
        "]C18018690123456789012399\x1d7256WANG FANG",
        "]d28018690123456789012399\x1d725019800134",
        "]d27256王芳\x1d8018690123456789012399",
        "801869012345678901\x1d",
        "(8018)690123456789012399(7256)WANG",
        "(8018) 6901 (7253) WANG",
        "]d201069012345678900<GS>7257LANE 5",
        "https://id.gs1.org/8018/690123456789012399?7256=Wang",
        "https://id.gs1.org/gsrn/690123456789012399",
    ],
)
def test_who_a_patient_is_waits_for_nobody(committed: Site, scan: str) -> None:
    """A damaged wristband, scanned on whatever page: master data may see no patient."""
    keep_all_unreadable([(scan, None)], actor=committed.keeper, flow="count")
    keep_all_unreadable([(scan, ScannerProfile(prefix="#"))], actor=committed.keeper, flow="receive")
    assert not Quarantined.objects.exists()
    product = f"]d201{GTIN[:-1]}5" + "10L8017\x1d217250"
    keep_all_unreadable([(product, None)], actor=committed.keeper, flow="count")
    assert Quarantined.objects.count() == 1, "what only looks like it is goods"


@pytest.mark.parametrize("flow", ["take_in", "give_back", "use", "set_out"])
def test_beside_a_patient_nothing_is_kept(committed: Site, flow: str) -> None:
    damaged = f"]d201{GTIN[:-1]}5" + "10L1\x1d21X"
    client = ApiClient(committed.nurse)
    scans = [{"text": damaged, "camera": False, "at": None}]
    assert client.send("/handheld/readings", flow=flow, about={}, scans=scans).status_code == 200
    assert not Quarantined.objects.exists()


def test_an_adopted_product_keeps_no_patient(committed: Site) -> None:
    body = "0695555500001"
    scan = f"]d201{body}{gs1_mod10(body)}10L1\x1d7256WANG"
    adopt_unknown(actor=committed.keeper, key=unique("k"), scan=scan)
    [row] = Quarantined.objects.all()
    assert "WANG" not in json.dumps(row.content)


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

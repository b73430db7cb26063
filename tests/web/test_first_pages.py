"""The first page says what to do next: what waits for an approver, and where an empty hospital begins."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from tests.flows.buying import chief
from tests.flows.site import Site, person, site
from tests.flows.test_buying import place
from tests.makers import days_ago, hospital, unique
from tests.makers import place as site_place
from tests.web.test_expiry_lists import reading
from yanji.access.models import Person
from yanji.flows.attempts import Attempt
from yanji.flows.hold import hold
from yanji.flows.models_recall import LotRecall
from yanji.flows.purchase import Ordered
from yanji.insight import audit
from yanji.insight.lots import Passed
from yanji.ledger.api import Step
from yanji.ledger.models import Unit
from yanji.places.models import Kind
from yanji.web.charts import sankey
from yanji.web.home import quality
from yanji.web.masterdata.notification_rules import so_long

STEPS = ("masterdata:places", "masterdata:people", "masterdata:imports")


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


def first_page(who: Person) -> str:
    answer = reading(who).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def waiting(text: str) -> int:
    """The number of the tile that leads to the approvals."""
    tile = re.search(
        rf'<a class="card y-tile" href="{reverse("manager:approvals")}">.*?y-num">(\d+)<', text, re.DOTALL
    )
    assert tile, text
    return int(tile[1])


def test_an_approver_reads_how_much_waits(here: Site) -> None:
    approver = Person.objects.get(pk=chief(here, "order").person_id)
    assert waiting(first_page(approver)) == 0
    assert "Nothing waits for you" in first_page(approver)
    orders = [place(here, Ordered(here.h.item.pk, 2, 100)) for _number in range(2)]
    assert [order.state for order in orders] == ["waiting", "waiting"]
    text = first_page(approver)
    assert waiting(text) == 2
    assert all(f"Purchase order {order.number}</b>" in text for order in orders)
    assert "Longest waiting first" in text
    # Who approves nothing and has no role reads of none.
    stranger = Person.objects.create(username="stranger", name_zh="stranger")
    assert "y-tile" not in first_page(stranger)


def test_an_empty_hospital_says_where_it_begins_until_something_moves(here: Site) -> None:
    administrator = person("administrator", here.h.campus)
    text = first_page(administrator)
    assert "First steps of a new hospital" in text
    client = reading(administrator)
    steps = [
        step for step in STEPS if reverse(step) in text.partition("First steps")[2].partition("</ul>")[0]
    ]
    assert steps[:2] == list(STEPS[:2])
    assert all(client.get(reverse(step)).status_code == 200 for step in steps)
    here.h.do(Step.RECEIVE, here.h.unit())
    assert "First steps of a new hospital" not in first_page(administrator)


@pytest.mark.parametrize(
    ("minutes", "said"), [(None, ""), (1, "1 minute"), (90, "90 minutes"), (120, "2 hours"), (4320, "3 days")]
)
def test_how_long_until_somebody_else_is_told_reads_as_one_says_it(minutes: int | None, said: str) -> None:
    with override("en"):
        assert so_long(minutes) == said


def test_a_lots_picture_has_no_empty_column() -> None:
    """Where no supplier is in sight, the store stands at the left edge and the names have the whole room."""
    name = ("甲", "A")
    store, ward, patient = (
        (1, name, "store", "/1/"),
        (2, name, "department", "/2/"),
        (3, name, "patient", "/3/"),
    )
    drawn = sankey([Passed(*store, *ward, 2), Passed(*ward, *patient, 1)])
    assert [node["depth"] for node in drawn["nodes"]] == [0, 1, 2]
    whole = sankey([Passed(9, name, "supplier", "/9/", *store, 2), Passed(*store, *ward, 2)])
    assert [node["depth"] for node in whole["nodes"]] == [0, 1, 2]


def test_what_a_ward_takes_in_is_not_drawn_as_going_back() -> None:
    """Goods pass through transit to a ward and to another store; only what leaves the ward for the store goes back."""
    name, other, ward = ("甲店", "A"), ("乙店", "B"), ("病区", "W")
    store, transit = (1, name, "store", "/1/"), (5, ("在途", "Transit"), "transit", "/5/")
    department = (2, ward, "department", "/2/")
    drawn = sankey(
        [
            Passed(*store, *transit, 3),
            Passed(*transit, *department, 2),
            Passed(*transit, 3, other, "store", "/3/", 1),
            Passed(*department, *store, 1),
        ]
    )
    labels = {node["label"] for node in drawn["nodes"]}
    assert labels == {"甲店", "在途", "病区", "乙店", "退回：甲店"}
    assert {link["target"] for link in drawn["links"] if link["source"] == "5"} == {"2", "3:back:2"}


def test_a_quality_officer_reads_what_a_recall_touches_and_whether_it_is_dealt_with(here: Site) -> None:
    officer = person("quality", here.h.campus)
    assert "No lot is recalled" in first_page(officer)
    [epc] = here.stocked(1)
    recall = LotRecall.objects.create(lot=Unit.objects.get(epc=epc).lot, notice="RN-4", actor=officer)
    text = first_page(officer)
    assert "RN-4" in text
    assert "1 to find · 0 set apart · 0 used" in re.sub(r"\s+", " ", text)
    assert "Still to find" in text
    assert f'href="/papers/recall/{recall.pk}/print"' in text
    hold(actor=here.keeper, key=unique("h"), things=[epc], reason="damaged")
    text = first_page(officer)
    assert "All set apart" in text
    assert "0 to find · 1 set apart · 0 used" in re.sub(r"\s+", " ", text)


def test_a_recall_still_to_find_stands_first_however_old_it_is(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is listed is cut, what is added up is not."""
    monkeypatch.setattr(quality, "LATEST", 1)
    officer = person("quality", here.h.campus)
    for number, (lot, notice) in enumerate((("L1", "RN-OLD"), ("L2", "RN-MID"), ("L3", "RN-NEW"))):
        [epc] = here.stocked(1, lot=lot)
        LotRecall.objects.create(
            lot=Unit.objects.get(epc=epc).lot, notice=notice, actor=officer, at=days_ago(9 - number)
        )  # fmt: skip
        if lot != "L1":
            hold(actor=here.keeper, key=unique("h"), things=[epc], reason="damaged")
    text = first_page(officer)
    assert re.search(
        r'Recalled, still to find.*?y-num">1<', text[: text.index("Patients who had it")], re.DOTALL
    )
    assert "RN-OLD" in text
    assert "RN-MID" not in text
    assert "2 older recalls hold as well" in text
    assert "Lots recalled now: 3" in text


def test_an_auditor_reads_who_did_what_and_looks_for_a_person(here: Site) -> None:
    auditor = person("auditor", here.h.campus)
    client = reading(auditor)
    assert "Nothing was entered in 30 days" in client.get("/").content.decode()
    for epc in here.stocked(2):
        hold(actor=here.keeper, key=unique("h"), things=[epc], reason="damaged")
    text = client.get("/").content.decode()
    assert text.count(f"<b>{here.storekeeper.name_en}</b> · Hold") == 2
    found = client.get("/", {"as": "auditor", "who": here.storekeeper.username}).content.decode()
    assert found.count(f"<b>{here.storekeeper.name_en}</b> · Hold") == 2
    none = client.get("/", {"as": "auditor", "who": here.nurse.username}).content.decode()
    assert "Nobody of this name entered anything" in none
    assert f"<b>{here.storekeeper.name_en}</b> · Hold" not in none
    # Of another campus: what happened here is not theirs to read.
    elsewhere = reading(person("auditor", site_place(Kind.CAMPUS)))
    assert f"<b>{here.storekeeper.name_en}</b> · Hold" not in elsewhere.get("/").content.decode()


def test_an_auditor_of_a_quiet_campus_is_told_how_far_was_looked(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happened there stands behind a busy morning elsewhere."""
    quiet = hospital()
    quiet.do(Step.RECEIVE, quiet.unit())
    for epc in here.stocked(3):
        hold(actor=here.keeper, key=unique("h"), things=[epc], reason="damaged")
    client = reading(person("auditor", quiet.campus))
    monkeypatch.setattr(audit, "LOOKED_THROUGH", (2,))
    text = client.get("/").content.decode()
    assert "None of the latest 2 entries that were looked through touched your places" in text
    assert "Nothing was entered in 30 days" not in text
    monkeypatch.setattr(audit, "LOOKED_THROUGH", (2, 500))
    text = client.get("/").content.decode()
    assert "looked through" not in text
    assert f"<b>{quiet.actor.name}</b> · " in text


def test_an_auditor_finds_what_somebody_was_refused_by_their_english_name(here: Site) -> None:
    Person.objects.filter(pk=here.storekeeper.pk).update(name_en="Li Na")
    Attempt.objects.create(actor=here.storekeeper, verb="use", code="already_used", thing="S1")
    client = reading(person("auditor", here.h.campus))
    text = client.get("/", {"as": "auditor", "who": "li na"}).content.decode()
    assert "Nothing was refused that matters" not in text
    assert re.search(r'Refused in 7 days.*?y-num">1<', text[: text.index("Taken back in 30")], re.DOTALL)
    assert "S1" in client.get(reverse("manager:attempts"), {"q": "Li Na"}).content.decode()

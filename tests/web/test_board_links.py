"""No number of the board stands there without leading to the things behind it: looked for in the page as it is sent."""

from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import place, unique
from tests.web.test_board import Stocked, here, listed, reading
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import Operation
from yanji.catalog.models import Licence
from yanji.flows.rfid.models import Reader
from yanji.places.models import Kind
from yanji.web import board_alerts

__all__ = ["here"]
pytestmark = pytest.mark.django_db
# What says how much there is of something: figures, pills with one, sums of a campus and the bars of its places.
NUMBERS = ("y-num", "y-pill", "y-right")


class Numbers(HTMLParser):
    """Every number of a page with the addresses of the links that it stands in."""

    VOID = ("meta", "link", "input", "img", "br", "hr", "use", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[tuple[str, str]] = []  # (text, address or nothing)
        self.ids: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.add(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag not in self.VOID:
            self.open.append((tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Lines of an icon hold nothing."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(sign.isdigit() for sign in data) or any(
            tag in ("script", "template") for tag, _ in self.open
        ):
            return
        if any(self._counts(tag, given) for tag, given in self.open):
            links = [given["href"] for tag, given in self.open if tag == "a" and given.get("href")]
            self.found.append((data.strip(), str(links[0]) if links else ""))

    def _counts(self, tag: str, given: dict[str, str | None]) -> bool:
        classes = (given.get("class") or "").split()
        inside = any("y-campus" in (of.get("class") or "") for _tag, of in self.open)
        return any(name in classes for name in NUMBERS) or (tag == "b" and inside)


def numbers(page: str) -> Numbers:
    found = Numbers()
    found.feed(page)
    return found


@pytest.fixture
def troubled(here: Stocked, monkeypatch: pytest.MonkeyPatch) -> Site:
    """All that the board can be alarmed about: papers, a silent reader; sets and cases, whose own tests make them."""
    today = timezone.localdate()
    for kind, days in (("business", 20), ("device_trade", -3), ("authorisation", 75)):
        Licence.objects.create(
            supplier=here.h.supplier, kind=kind, number=unique("L"), valid_from=today - timedelta(days=400),
            valid_to=today + timedelta(days=days),
        )  # fmt: skip
    gate = {"kind": "gate", "protocol": "llrp", "address": "10.0.3.7:5084"}
    Reader.objects.create(name="G1", place=here.h.store, edited_by=here.buyer, **gate)
    case = SimpleNamespace(department=("手术室", "Theatre"), pieces=2, since=timezone.now())
    monkeypatch.setattr(board_alerts, "open_differences", lambda _paths: [case])
    lent = SimpleNamespace(
        number="LS-1", agreement=SimpleNamespace(supplier=here.h.supplier, supplier_id=here.h.supplier.pk),
        department=here.h.department, department_id=here.h.department.pk,
    )  # fmt: skip
    monkeypatch.setattr(board_alerts, "overdue_sets", lambda _paths: [lent])
    return here


def test_every_number_that_is_sent_stands_in_a_link_that_opens(troubled: Site) -> None:
    client = reading(person("manager", troubled.h.campus))
    page = numbers(client.get("/board").content.decode().partition('id="board"')[2])
    assert len(page.found) > 20
    assert [text for text, href in page.found if not href] == []
    for href in {href for _text, href in page.found} | {link for link in page.links if "/stock" in link}:
        if href.startswith("#"):
            assert href[1:] in page.ids, href
        else:
            assert client.get(urljoin("/board", href)).status_code == 200, href


def test_what_the_chart_counts_leads_to_as_many(troubled: Site) -> None:
    client = reading(person("manager", troubled.h.campus))
    context = client.get("/board").context
    for node in context["network"]["nodes"]:
        assert listed(client, node["href"]) == Decimal(node["said"]), node
    for series in context["day_chart"]["series"]:
        assert listed(client, series["href"]) == sum(series["rows"]), series["name"]
    for row in context["largest"]:
        assert listed(client, row["href"]) == row["quantity"]
    for alert in context["alerts"]:
        if alert.href.startswith("/stock"):
            assert listed(client, alert.href) == alert.count, alert.label


def test_what_lies_elsewhere_than_in_a_campus_is_counted_by_its_own_places(here: Stocked) -> None:
    here.h.campus.kind = "room"
    here.h.campus.save()
    client = reading(person("manager", here.h.campus))
    [elsewhere] = client.get("/board").context["campuses"]
    assert listed(client, elsewhere["href"]) == elsewhere["quantity"] > 0


def test_a_family_is_kept_to_by_the_ticker_and_alarms_of_all_say_so(troubled: Site) -> None:
    client = reading(person("manager", troubled.h.campus))
    troubled.counted.family = "gloves"
    troubled.counted.save()
    for family, told in (("gloves", True), ("stents", False)):
        answer = client.get("/board", {"family": family})
        items = {happening.item[0] for happening in answer.context["happenings"]}
        assert (troubled.counted.name_zh in items) == told, family
        assert (troubled.h.item.name_zh in items) != told, family
        assert {alert.whole for alert in answer.context["alerts"] if alert.key} == {True}
        assert not any(alert.whole for alert in answer.context["alerts"] if alert.href.startswith("/stock"))
        assert f'data-live-family="{family}"' in answer.content.decode()
    assert not any(alert.whole for alert in client.get("/board").context["alerts"])
    supplier = client.get("/board", {"supplier": troubled.h.supplier.pk})
    assert {happening.item[0] for happening in supplier.context["happenings"]} == {troubled.h.item.name_zh}


def test_on_a_wall_nothing_leads_to_what_is_not_shown_there(troubled: Site) -> None:
    """The rows behind an alarm are for a desk: a wall has no room for them, and nobody presses it."""
    client = reading(person("manager", troubled.h.campus))
    desk, wall = (client.get("/board", {"wall": wall}).content.decode() for wall in ("0", "1"))
    assert 'href="#y-behind-readers"' in desk
    assert 'href="#y-behind-' not in wall
    assert "Readers that are silent" in wall


def test_no_place_of_others_is_named_by_its_number(troubled: Site) -> None:
    client = reading(person("manager", troubled.h.department))
    other = place(Kind.STORE, place(Kind.CAMPUS), name_zh="别处库")
    for end in ("from", "to", "through"):
        assert "别处库" not in client.get("/board/moved", {end: other.pk}).content.decode(), end
        assert (
            troubled.h.department.name
            in client.get("/board/moved", {end: troubled.h.department.pk}).content.decode()
        )


def test_figures_whose_places_may_not_be_looked_at_lead_to_no_list_of_all_else(here: Stocked) -> None:
    """Figures of one campus, and a look at things of another: the figures' links must not list the other's."""
    other = place(Kind.CAMPUS)
    who = Person.objects.create(username=unique("office"), name_zh="办")
    for name, operation, at in (("r", Operation.SEE_FIGURES, here.h.campus), ("s", Operation.VIEW, other)):
        role = Role.objects.create(code=unique(name), name_zh="院办", operations=[operation])
        Grant.objects.create(person=who, role=role, place=at)
    client = reading(who)
    on_hand = client.get("/board").context["tiles"][0]
    assert on_hand.value != "0"
    assert f"place={here.h.campus.pk}" in on_hand.href
    assert client.get(on_hand.href).status_code == 404

"""What the reading pages say, to whom, and what they keep to themselves."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.site import contents
from tests.web.world import World, world
from yanji.access.models import Person
from yanji.catalog.models import Item, Supplier
from yanji.flows.models import PurchaseOrder
from yanji.ledger.api import Passage, Step, life_line, unit_view
from yanji.web import life
from yanji.web.codes import unit_address

HTML = '<script>alert("x")</script>'


def signed_in(world: World, who: str, language: str = "en") -> Client:
    person = world.people[who]
    assert person is not None
    Person.objects.filter(pk=person.pk).update(language=language)
    client = Client()
    client.force_login(person)
    return client


def test_a_unit_page_tells_the_whole_life(hospital_day: World) -> None:
    page = signed_in(hospital_day, "nurse").get(f"/unit/{hospital_day.used}").content.decode()
    for said in (
        "Used",
        "Receipt",
        "Inspection passed",
        "Issue",
        "Receipt at department",
        "Use on a patient",
    ):
        assert said in page
    assert "PT-000001" in page
    assert "CASE-1" in page


def test_patients_are_hidden_from_who_does_not_care_for_them(hospital_day: World) -> None:
    client = signed_in(hospital_day, "storekeeper")
    unit = unit_view(hospital_day.used)
    assert unit is not None
    for address in (f"/unit/{unit.epc}", f"/lot/{unit.lot_id}", f"/lot/{unit.lot_id}?format=csv"):
        page = client.get(address).content.decode()
        assert "PT-000001" not in page, address
        assert "CASE-1" not in page, address
    assert "PT-000001" in signed_in(hospital_day, "nurse").get(f"/lot/{unit.lot_id}").content.decode()


def test_searching_a_patient_finds_nothing_for_others(hospital_day: World) -> None:
    seen = signed_in(hospital_day, "nurse").get("/search", {"q": "PT-000001"}).content.decode()
    for address in (unit_address(hospital_day.used), f"/opened/{hospital_day.samples['piece_id']}"):
        assert f'href="{address}"' in seen  # the unit, and the piece of which a part was taken
    hidden = signed_in(hospital_day, "storekeeper").get("/search", {"q": "PT-000001"})
    absent = signed_in(hospital_day, "storekeeper").get("/search", {"q": "PT-999999"})
    assert hidden.status_code == absent.status_code == 200
    assert "Nothing found" in hidden.content.decode()


def test_a_unit_as_it_was(hospital_day: World) -> None:
    client = signed_in(hospital_day, "nurse")
    before = (timezone.now() - timedelta(days=2)).isoformat()
    page = client.get(f"/unit/{hospital_day.used}", {"at": before}).content.decode()
    assert "The unit was not known then." in page
    for nonsense in ("", "x", "2026-13-45", "9999-01-01T00:00", "0001-01-01T00:00", "\0"):
        answer = client.get(f"/unit/{hospital_day.used}", {"at": nonsense})
        assert answer.status_code == 200, nonsense
        said = answer.content.decode()
        assert ("no date and time that can be read" in said) == (nonsense in {"x", "2026-13-45"}), nonsense
        assert ("is still to come" in said) == nonsense.startswith("9999"), nonsense


@pytest.mark.parametrize(
    "text",
    ["scan", "serial", "epc", "lot"],
)
def test_any_code_goes_straight_to_its_page(hospital_day: World, text: str) -> None:
    unit = unit_view(hospital_day.stored)
    assert unit is not None
    asked = {
        "scan": hospital_day.site.scan(unit.serial),
        "serial": unit.serial,
        "epc": unit.epc,
        "lot": unit.lot,
    }[text]
    answer = signed_in(hospital_day, "storekeeper").get("/search", {"q": asked})
    assert answer.status_code == 302
    assert answer["Location"] == (f"/lot/{unit.lot_id}" if text == "lot" else f"/unit/{unit.epc}")


def test_searching_by_name_finds_the_item(hospital_day: World) -> None:
    answer = signed_in(hospital_day, "storekeeper").get("/search", {"q": hospital_day.site.h.item.code})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/stock?item=")


@pytest.mark.parametrize(
    "text", [HTML, "'; DROP TABLE ledger_unit; --", "\x00", "%", "\x1d\x1d", "ab" * 5000, "\ud800"]
)
def test_search_takes_anything(hospital_day: World, text: str) -> None:
    answer = signed_in(hospital_day, "storekeeper").get(
        "/search", {"q": text.encode("utf-8", "surrogatepass")}
    )
    assert answer.status_code in {200, 302}
    assert HTML not in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    ["place=x", "place=99999999999999999999", "days=-9", "owner=none", "status=nothing", "by=nothing", "page=x", "page=-1",
     "q=%00", "item=%27", "lot=0", "q=%3Cscript%3E", "format=csv"],
)  # fmt: skip
def test_stock_takes_any_filter(hospital_day: World, query: str) -> None:
    answer = signed_in(hospital_day, "storekeeper").get(f"/stock?{query}")
    assert answer.status_code == 200


def test_names_with_html_are_harmless_everywhere(hospital_day: World) -> None:
    h = hospital_day.site.h
    for thing in (h.item, h.store, h.department, h.supplier, h.cabinet):
        thing.name_zh = thing.name_en = HTML
        thing.save()
    Person.objects.update(name_zh=HTML, name_en=HTML)
    samples = hospital_day.samples
    for who in ("storekeeper", "nurse", "buyer", "manager", "administrator"):
        client = signed_in(hospital_day, who)
        for address in (
            "/",
            "/stock?by=all",
            f"/unit/{samples['epc']}",
            f"/lot/{samples['lot_id']}",
            f"/event/{samples['event_id']}",
            "/search?q=script",
        ):
            page = client.get(address).content.decode()
            assert HTML not in page, (who, address)


def test_csv_cannot_run_formulas(hospital_day: World) -> None:
    h = hospital_day.site.h
    h.item.name_zh = h.item.name_en = "=1+1"
    h.item.save()
    page = signed_in(hospital_day, "storekeeper").get("/stock?format=csv").content.decode()
    assert "'=1+1" in page


def test_values_are_shown_only_to_who_may_see_figures(hospital_day: World) -> None:
    assert "¥" in signed_in(hospital_day, "buyer").get("/stock").content.decode()
    assert "¥" not in signed_in(hospital_day, "storekeeper").get("/stock").content.decode()
    assert (
        "¥" not in signed_in(hospital_day, "storekeeper").get(f"/unit/{hospital_day.stored}").content.decode()
    )


def _use(here: World) -> Passage:
    return next(passage for passage in life_line(here.used) if passage.step == "use")


def test_an_entry_is_taken_back_once(hospital_day: World) -> None:
    client = signed_in(hospital_day, "nurse")
    event = _use(hospital_day).event_id
    form = {"key": "correct:a-test", "reason": "wrong_case"}
    first = client.post(f"/event/{event}/correct", form)
    assert first.status_code == 302
    again = client.post(f"/event/{event}/correct", form)
    assert again["Location"] == first["Location"]
    unit = unit_view(hospital_day.used)
    assert unit is not None
    assert unit.status == "available"


def test_a_refused_correction_says_why_and_writes_nothing(transactional_db: None) -> None:
    here = world()
    client = signed_in(here, "nurse")
    event = _use(here).event_id
    before = contents()
    answer = client.post(f"/event/{event}/correct", {"key": "correct:b-test", "reason": ""})
    assert answer.status_code == 409
    assert "This step needs a reason" in answer.content.decode()
    assert contents() == before


def test_htmx_gets_only_the_part(hospital_day: World) -> None:
    client = signed_in(hospital_day, "nurse")
    whole = client.get(f"/unit/{hospital_day.used}").content.decode()
    part = client.get(f"/unit/{hospital_day.used}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    assert "Use on a patient" in part


def test_the_administrator_checks_the_ledger(hospital_day: World) -> None:
    answer = signed_in(hospital_day, "administrator").post("/soundness", headers={"HX-Request": "true"})
    assert "No difference" in answer.content.decode()


@pytest.mark.parametrize("address", ["/unit/%00", "/unit/01/%00/21/x", "/unit/%ED%A0%80"])
def test_address_that_no_unit_can_have(hospital_day: World, address: str) -> None:
    assert signed_in(hospital_day, "storekeeper").get(address).status_code == 404


def test_a_unit_that_was_never_set_out_does_not_say_that_it_was(hospital_day: World) -> None:
    line = life.stops(life_line(hospital_day.used), status="used", in_department=False)
    assert [str(stop.label) for stop in line if stop.state == "now"] == [str(life.WAY[-1].label)]
    assert life.WAY[life.SET_OUT].label not in [stop.label for stop in line]


def test_the_picture_begins_at_the_order_and_says_who_and_on_which_paper(hospital_day: World) -> None:
    site = hospital_day.site
    for who, clear in (("nurse", True), ("storekeeper", False)):
        shown = signed_in(hospital_day, who).get(f"/unit/{hospital_day.used}").context
        first, last = shown["stops"][0], shown["stops"][-1]
        assert (str(first.label), first.papers) == ("订购", [shown["unit"].order_number])
        assert first.at == PurchaseOrder.objects.get(number=first.papers[0]).placed_at
        assert site.nurse.name_en in last.people
        assert any("CASE-1" in paper for paper in last.papers) == clear
        assert not any("PT-000001" in paper for paper in last.papers)


def test_a_unit_says_at_which_temperature_and_whose_it_was(hospital_day: World) -> None:
    site, owner = hospital_day.site, Supplier.objects.create(code="CONSIGNS", name_zh="寄售商")
    [epc] = site.h.stocked(1, owner_id=owner.pk)
    Item.objects.filter(pk=site.h.item.pk).update(temperature_class="refrigerated")
    client = signed_in(hospital_day, "storekeeper")
    page = client.get(f"/unit/{epc}")
    assert [name for name, _since in page.context["owners"]] == [("寄售商", "")]
    assert not page.context["kept"].suits
    assert "Its place: " in page.content.decode()
    assert "does not suit it" in page.content.decode(), "said by more than a colour"
    site.h.do(Step.TAKE_TITLE, epc)
    assert [name for name, _since in client.get(f"/unit/{epc}").context["owners"]] == [("寄售商", ""), None]

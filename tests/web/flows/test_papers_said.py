"""A lapsed paper stands on the row while somebody scans, and on the page that follows the act."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from yanji.catalog.models import Registration
from yanji.flows.buying.models import PaperRule
from yanji.ledger.api import unit_view

from . import transfer_acts
from .acts import key, result, scanned, sentences
from .test_done import Site
from .world import World

SAID = "The registration of"


def lapsed(world: World, answer: str = "warn") -> None:
    day = timezone.localdate() - timedelta(days=10)
    Registration.objects.filter(item=world.item).delete()
    Registration.objects.create(
        item=world.item, number="R-1", valid_from=day - timedelta(days=300), valid_to=day
    )
    PaperRule.objects.update_or_create(stage="issue", paper="registration", defaults={"answer": answer})


@pytest.mark.parametrize("page", ["/ward/use/{}", "/theatre/cases/{}/cart"])
def test_it_is_said_to_the_nurse(hospital: World, signed_in: Any, page: str) -> None:
    site = Site(hospital)
    site.arrived()
    lapsed(hospital)
    nurse, address = signed_in("nurse"), page.format(site.case())
    row = scanned(nurse, address, site.scans[0])
    assert (result(row), SAID in sentences(row)) == ("warn", True)
    form = {"use": "use", "cart": "cart"}["cart" if page.endswith("cart") else "use"]
    done = nurse.post(
        address, site.rows(form, confirmed_by="PT-1", room_id=hospital.department.pk), follow=True
    )
    assert SAID in sentences(done)


def test_what_the_rules_refuse_is_used_with_a_reason_alone(hospital: World, signed_in: Any) -> None:
    site = Site(hospital)
    site.arrived()
    lapsed(hospital, "refuse")
    nurse, address = signed_in("nurse"), f"/ward/use/{site.case()}"
    assert result(scanned(nurse, address, site.scans[0])) == "error"
    assert result(scanned(nurse, address, site.scans[0], despite="life")) == "warn"
    assert nurse.post(address, site.rows("use", confirmed_by="PT-1")).status_code == 409
    assert unit_view(site.epcs[0]).status == "available"
    said = nurse.post(address, site.rows("use", confirmed_by="PT-1", despite="life"), follow=True)
    assert "says what spoke against it" in sentences(said)
    assert unit_view(site.epcs[0]).status == "used"


def test_it_is_said_to_who_picks_and_sends_a_transfer(hospital: World, signed_in: Any) -> None:
    site = Site(hospital)
    address = f"/storeroom/transfers/{transfer_acts.asked(site)}"
    lapsed(hospital)
    keeper = signed_in("storekeeper")
    row = scanned(keeper, f"{address}/pick", site.scans[0])
    assert (result(row), SAID in sentences(row)) == ("warn", True)
    assert SAID in sentences(keeper.post(f"{address}/pick", site.rows("pick"), follow=True))
    sent = keeper.post(f"{address}/ship", {"key": key("ship"), "handed_to": "Van"}, follow=True)
    assert SAID in sentences(sent)

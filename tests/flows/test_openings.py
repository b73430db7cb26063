"""What a piece of a counted item holds and how long it keeps: said at the item's page, changed, ended, and remembered."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import Site
from tests.makers import everything, unique
from tests.web.flows.acts import key, sentences
from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.access.tokens import create_token
from yanji.flows.opened.models import Opening, OpeningSaid
from yanji.flows.opened.openings import MOST_HOURS, Holds, set_opening
from yanji.ledger.api import Refused


def editor(here: Site) -> Actor:
    return everything(here.h.campus, here.buyer)


def say(here: Site, holds: Holds | None, item_id: int = 0) -> None:
    set_opening(actor=editor(here), key=unique("k"), item_id=item_id or here.counted.pk, holds=holds)


def kept(here: Site) -> tuple[list[Any], int]:
    return list(Opening.objects.values()), OpeningSaid.objects.count()


def signed_in(who: Person) -> Client:
    who.language = "en"
    who.save(update_fields=["language"])
    client = Client()
    client.force_login(who)
    return client


def test_what_was_said_stays_when_it_is_said_otherwise(committed: Site) -> None:
    here = committed
    for holds in (
        Holds(Decimal(5), "mL", 48),
        Holds(Decimal(5), " mL ", 48),
        Holds(Decimal("2.5"), "mL"),
        None,
    ):
        say(here, holds)
    said = list(OpeningSaid.objects.order_by("pk").values_list("content", "measure", "hours"))
    assert said == [(5, "mL", 48), (Decimal("2.5"), "mL", None), (None, "", None)]
    assert not Opening.objects.exists()
    assert set(OpeningSaid.objects.values_list("actor_id", flat=True)) == {here.buyer.pk}


@pytest.mark.parametrize(
    ("holds", "code"),
    [
        (Holds(Decimal(0), "mL"), "bad_opening"),
        (Holds(Decimal("0.0004"), "mL"), "bad_opening"),
        (Holds(Decimal(5), " "), "bad_opening"),
        (Holds(Decimal("NaN"), "mL"), "bad_opening"),
        (Holds(Decimal(5), "m" * 21), "bad_text"),
        (Holds(Decimal(5), "mL", 0), "bad_open_life"),
        (Holds(Decimal(5), "mL", MOST_HOURS + 1), "bad_open_life"),
    ],
)
def test_what_no_piece_can_hold_or_keep_is_refused(committed: Site, holds: Holds, code: str) -> None:
    here = committed
    say(here, Holds(Decimal(1), "dose"))
    before = kept(here)
    with pytest.raises(Refused) as found:
        say(here, holds)
    assert found.value.code == code
    assert kept(here) == before


def test_the_catalogue_says_it_on_a_tab_of_the_item(committed: Site) -> None:
    here, editing = committed, signed_in(committed.buyer)
    path = f"/masterdata/items/{here.counted.pk}/opening"
    assert "Say what a piece holds, and the wards can open one" in sentences(editing.get(path))
    act = f"opening{here.counted.pk}"
    holds = {"content": "100", "measure": "tests", "hours": "336"}
    said = sentences(editing.post(path, {"key": key(act), **holds}, follow=True))
    assert "It holds from now on." in said
    assert "100 tests" in said
    assert "336 hours" in said
    changed = {"key": key(act), **holds, "hours": ""}
    assert "until it expires" in sentences(editing.post(path, changed, follow=True))
    before = kept(here)
    for wrong, status, sentence in (
        ({**holds, "content": "0"}, 409, "an amount above zero"),
        ({**holds, "measure": ""}, 422, "required"),
        ({**holds, "hours": "-3"}, 422, "greater than or equal to 1"),
    ):
        odd = editing.post(path, {"key": key(act), **wrong})
        assert (odd.status_code, sentence in sentences(odd)) == (status, True), wrong
    assert kept(here) == before
    ended = sentences(editing.post(path, {"key": key(act), "end": "1"}, follow=True))
    assert "The item is not opened any more." in ended
    assert ended.count(here.buyer.name_en) >= 3
    assert not Opening.objects.exists()


def test_who_may_not_change_the_catalogue_reads_it(committed: Site) -> None:
    here, reading = committed, signed_in(committed.storekeeper)
    say(here, Holds(Decimal(5), "mL", 48))
    path, before = f"/masterdata/items/{here.counted.pk}/opening", kept(here)
    page = reading.get(path)
    assert "5 mL" in sentences(page)
    assert 'name="content"' not in page.content.decode()
    sent = {"key": key(f"opening{here.counted.pk}"), "content": "9", "measure": "mL"}
    assert reading.post(path, sent).status_code == 404
    assert kept(here) == before


def test_what_is_tracked_by_unit_has_no_such_tab(committed: Site) -> None:
    here, editing = committed, signed_in(committed.buyer)
    item = here.h.item
    assert "/opening" not in editing.get(f"/masterdata/items/{item.pk}").content.decode()
    path, before = f"/masterdata/items/{item.pk}/opening", kept(here)
    assert "Tracked by unit" in sentences(editing.get(path))
    sent = {"key": key(f"opening{item.pk}"), "content": "9", "measure": "mL"}
    odd = editing.post(path, sent)
    assert (odd.status_code, "is tracked the other way" in sentences(odd)) == (409, True)
    assert kept(here) == before


def test_programs_read_what_was_said(committed: Site) -> None:
    here = committed
    say(here, Holds(Decimal(5), "mL", 48))
    say(here, None)
    token = create_token(actor=here.keeper, name="lab")[1]
    path = f"/api/v1/openings/{here.counted.pk}/history"
    rows = Client().get(path, headers={"Authorization": f"Bearer {token}"}).json()
    assert [(row["content"], row["measure"], row["hours"]) for row in rows] == [
        (None, "", None),
        ("5.000", "mL", 48),
    ]
    assert {row["said_by"] for row in rows} == {here.buyer.name}

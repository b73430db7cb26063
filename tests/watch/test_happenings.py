"""What a ticker shows when its page is opened is what the stream tells it, of a place and a kind of thing together."""

import json
from itertools import product

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.flows.site import Site, site
from tests.makers import unique
from tests.watch.test_stream import listener
from yanji.catalog.models import Item
from yanji.ledger.api import Draft, Line, Step, log_end, post
from yanji.watch.happenings import entered, recent
from yanji.web.live import told
from yanji.web.templatetags.happenings import what_moved


@pytest.fixture
def here(db: None) -> Site:
    return site()


def test_what_is_put_on_two_shelves_is_told_at_each_of_its_own_kind_alone(here: Site) -> None:
    here.h.item.family = "stents"
    here.h.item.save()
    shelves = here.h.bin, here.h.other_bin
    other = Item.objects.create(code=unique("I"), name_zh="缝线", temperature_class="room", family="sutures")
    things = here.h.stocked(1)[0], here.h.stocked(1, item_id=other.pk)[0]
    begun = log_end()
    lines = tuple(Line(thing, shelf.pk) for thing, shelf in zip(things, shelves, strict=True))
    put = Draft(step=Step.PUT_AWAY, key=unique("k"), happened_at=timezone.now(), lines=lines)
    event = post(put, actor=here.h.actor).event_id
    assert log_end() > begun
    [entry] = map(told, entered(begun))
    heard = set()
    for shelf, family in product(shelves, ("stents", "sutures", "")):
        who = listener(here.h.campus.path)
        who.within, who.family = shelf.path, family
        shown = recent(paths=[shelf.path], family=family)
        assert who.hears(entry) == (event in [each.event_id for each in shown])
        if shown:
            heard.add((shelf, family))
    assert heard == {(shelves[0], "stents"), (shelves[1], "sutures"), *((shelf, "") for shelf in shelves)}


def test_of_what_moved_together_each_kind_is_told_and_counted_alone(here: Site) -> None:
    """To who looks at one family, or at what one supplier brings: when the page is opened, and as it goes on."""
    stent, seller = here.h.item, here.h.supplier
    stent.family, stent.supplier = "stents", seller
    stent.save()
    other = Item.objects.create(code=unique("I"), name_zh="缝线", temperature_class="room", family="sutures")
    things = [*here.h.stocked(1, item_id=other.pk), *here.h.stocked(2)]
    begun = log_end()
    lines = tuple(Line(thing, here.h.bin.pk) for thing in things)
    put = Draft(step=Step.PUT_AWAY, key=unique("k"), happened_at=timezone.now(), lines=lines)
    post(put, actor=here.h.actor)
    assert log_end() > begun
    [entry] = map(told, entered(begun))
    two = "支架 × 2"
    looks = {
        ("", None): "缝线 and 1 more item, 3 in all", ("stents", None): two, ("", seller.pk): two, ("stents", seller.pk): two,
        ("sutures", None): "缝线",
    }  # fmt: skip
    for (family, supplier), words in looks.items():
        who = listener(here.h.campus.path)
        who.family, who.supplier = family, supplier
        with override(who.language):
            [shown] = recent(paths=[here.h.campus.path], family=family, supplier_id=supplier, limit=1)
            assert what_moved(shown) == json.loads(entry.words_for(who))["what"] == words

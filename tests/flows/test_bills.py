"""The bill of a kit: what may stand on it, and every change of it kept."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.flows.site import Site
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.flows.packing.bill import Changed, InKit, bill, changes, kits_with, set_bill
from yanji.flows.packing.models import BillChange, KitLine
from yanji.ledger.api import Refused

Said = Callable[..., Any]


def an_item(name: str) -> Item:
    return Item.objects.create(code=unique("KIT"), name_zh=name, temperature_class="room")


@pytest.fixture
def editor(committed: Site) -> Actor:
    return Actor(committed.buyer.pk, "Buyer", {"edit_catalog": (committed.h.campus.path,)})


def said(editor: Actor, kit: Item, *lines: tuple[Item, int], note: str = "") -> bool:
    done = set_bill(
        actor=editor,
        key=unique("k"),
        kit_id=kit.pk,
        lines=[InKit(item.pk, n) for item, n in lines],
        note=note,
    )
    return bool(done.facts["changed"])


def test_every_change_is_kept_with_who_made_it_and_why(committed: Site, editor: Actor) -> None:
    kit, wire, balloon = an_item("套件"), committed.h.item, an_item("球囊")
    assert said(editor, kit, (wire, 1), note="New")
    assert said(editor, kit, (wire, 2), (balloon, 1), note="Two wires")
    assert not said(editor, kit, (balloon, 1), (wire, 2))
    assert said(editor, kit, (balloon, 1))
    assert [(line.item_id, line.quantity) for line in bill(kit.pk)] == [(balloon.pk, 1)]
    assert [line.kit_id for line in kits_with(balloon.pk)] == [kit.pk]
    told = [(each.note, list(each.lines)) for each in changes(kit.pk)]
    assert told == [
        ("", [Changed(wire.name, 2, 0)]),
        ("Two wires", [Changed(wire.name, 1, 2), Changed("球囊", 0, 1)]),
        ("New", [Changed(wire.name, 0, 1)]),
    ]
    assert {each.actor for each in changes(kit.pk)} == {committed.buyer.name}


def test_what_may_not_stand_on_a_bill(committed: Site, editor: Actor) -> None:
    kit, other, wire = an_item("套件"), an_item("另一套件"), committed.h.item
    said(editor, other, (wire, 1))
    before = list(KitLine.objects.order_by("pk").values()), BillChange.objects.count()
    for code, act in (
        ("kit_in_kit", partial(said, editor, kit, (other, 1))),
        ("kit_in_bill", partial(said, editor, wire, (kit, 1))),
        ("box_in_itself", partial(said, editor, kit, (kit, 1))),
        ("line_twice", partial(said, editor, kit, (wire, 1), (wire, 2))),
        ("bad_pieces", partial(said, editor, kit, (wire, 0))),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert [offence.code for offence in refused.value.offences] == [code]
    with pytest.raises(NotFound):
        said(committed.keeper, kit, (wire, 1))
    assert (list(KitLine.objects.order_by("pk").values()), BillChange.objects.count()) == before

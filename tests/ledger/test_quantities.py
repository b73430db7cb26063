"""What is counted, not serialised: lots by quantity, with the value that lies there."""

from decimal import Decimal

import pytest

from tests.ledger.ways import written
from tests.makers import Hospital, hospital, unique
from yanji.catalog.models import Item
from yanji.ledger.api import LotQuantity, NewQuantity, Refused, Step, on_hand, rebuild

pytestmark = pytest.mark.django_db


def received(house: Hospital, quantity: str, cost: str = "1") -> int:
    """A new lot of so many pieces, accepted at the store."""
    item = Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")
    house.do(Step.RECEIVE, NewQuantity(item.pk, Decimal(quantity), "L1", cost=Decimal(cost)))
    [stock] = on_hand(paths=[house.campus.path], item_id=item.pk)
    assert stock.lot_id
    house.do(Step.ACCEPT, LotQuantity(stock.lot_id, Decimal(quantity), house.store.pk))
    return stock.lot_id


def stock(house: Hospital, lot: int) -> dict[tuple[str | None, int | None], tuple[Decimal, Decimal]]:
    found = on_hand(
        paths=["/"], lot_id=lot, statuses=["available", "picked", "used", "in_transit", "scrapped"]
    )
    return {(line.status, line.place_id): (line.quantity, line.value) for line in found}


def test_it_goes_where_units_go() -> None:
    house = hospital()
    lot = received(house, "10")
    way = (
        (Step.PICK, house.store),
        (Step.ISSUE, house.store),
        (Step.TAKE_IN, None),
        (Step.USE, house.cabinet),
    )
    from yanji.ledger.api import virtual_places

    for step, source in way:
        at = source.pk if source else virtual_places().transit
        house.do(step, LotQuantity(lot, Decimal(4), at))
    assert stock(house, lot) == {
        ("available", house.store.pk): (6, 6),
        ("used", virtual_places().patient): (4, 4),
    }
    assert rebuild() == []


def test_no_more_than_there_is() -> None:
    house = hospital()
    lot = received(house, "10")
    before = written()
    with pytest.raises(Refused) as refused:
        house.do(Step.PICK, LotQuantity(lot, Decimal("10.001"), house.store.pk))
    assert refused.value.code == "not_enough"
    assert refused.value.offences[0].facts == {"available": "10", "wanted": "10.001"}
    assert written() == before


def test_lines_of_one_draft_share_what_there_is() -> None:
    house = hospital()
    lot = received(house, "10", "0.33")
    six = LotQuantity(lot, Decimal(6), house.store.pk)
    with pytest.raises(Refused) as refused:
        house.do(Step.PICK, six, six)
    assert refused.value.offences[0].facts == {"available": "4", "wanted": "6"}
    parts = [LotQuantity(lot, Decimal(n), house.store.pk) for n in (3, 3, 3, 1)]
    house.do(Step.PICK, *parts)
    assert stock(house, lot) == {("picked", house.store.pk): (10, Decimal("3.30"))}
    assert rebuild() == []


@pytest.mark.parametrize("part", ["0.001", "0.333", "3", "9.999"])
def test_values_add_up_to_the_cent(part: str) -> None:
    """However it is divided, what leaves and what stays are worth what there was; nothing is worth nothing."""
    house = hospital()
    lot = received(house, "10", "3.37")
    house.do(Step.PICK, LotQuantity(lot, Decimal(part), house.store.pk))
    house.do(Step.PICK, LotQuantity(lot, Decimal(10) - Decimal(part), house.store.pk))
    assert stock(house, lot) == {("picked", house.store.pk): (10, Decimal("33.70"))}


def test_owners_are_kept_apart() -> None:
    """Consignment stock of a supplier is not taken for the hospital's own."""
    house = hospital()
    item = Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")
    for owner in (None, house.supplier.pk):
        house.do(Step.RECEIVE, NewQuantity(item.pk, Decimal(5), "L1", owner_id=owner))
    own, theirs = sorted(
        on_hand(paths=[house.campus.path], item_id=item.pk, by=("lot", "owner")),
        key=lambda line: line.owner_id or 0,
    )
    assert (own.owner_id, theirs.owner_id, own.lot_id) == (None, house.supplier.pk, theirs.lot_id)
    house.do(Step.ACCEPT, LotQuantity(own.lot_id, Decimal(5), house.store.pk))
    with pytest.raises(Refused, check=lambda refused: refused.code == "not_enough"):
        house.do(Step.ACCEPT, LotQuantity(own.lot_id, Decimal(1), house.store.pk))
    house.do(Step.ACCEPT, LotQuantity(own.lot_id, Decimal(5), house.store.pk, house.supplier.pk))
    assert rebuild() == []


def test_where_nothing_lies_it_is_said_as_nought() -> None:
    house = hospital()
    lot = received(house, "10")
    with pytest.raises(Refused) as refused:
        house.do(Step.PICK, LotQuantity(lot, Decimal(1), house.bin.pk))
    [offence] = refused.value.offences
    assert (offence.code, offence.facts["available"], offence.facts["wanted"]) == ("not_enough", "0", "1")


def test_units_and_quantities_in_one_document() -> None:
    house = hospital()
    lot = received(house, "10")
    epcs = house.stocked(2)
    house.do(Step.PICK, *epcs, LotQuantity(lot, Decimal(2), house.store.pk))
    assert rebuild() == []

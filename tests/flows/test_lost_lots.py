"""Lost pieces of counted lots are written off as lost units are: by whoever lost them, after a month, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.flows.transferring import way
from tests.makers import days_ago, unique
from yanji.flows.disposal.ask import ask_write_off, cancel_disposal
from yanji.flows.disposal.lost_lots import Key, Told, losses_of, lost_lots
from yanji.flows.disposal.models import Disposal
from yanji.flows.disposal.queries import statement
from yanji.flows.disposal.sign import write_off
from yanji.flows.transfer.arrive import give_up
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, Refused, Step, rebuild, virtual_places


@pytest.fixture
def here(committed: Site) -> Site:
    return committed


def lose(here: Site, lot: int, pieces: int, days: int) -> None:
    gone = LotQuantity(lot, Decimal(pieces), here.h.store.pk)
    here.h.do(Step.LOSE, gone, to=virtual_places().lost, happened_at=days_ago(days))


def find(here: Site, lot: int, pieces: int) -> None:
    here.h.do(Step.FIND, LotQuantity(lot, Decimal(pieces), virtual_places().lost), to=here.h.store)


def pieces_of(here: Site, lot: int, pieces: int) -> LotQuantity:
    return LotQuantity(lot, Decimal(pieces), here.h.store.pk)


def ask(here: Site, *things: LotQuantity | str, place_id: int = 0) -> Disposal:
    done = ask_write_off(
        actor=here.keeper, key=unique("w"), place_id=place_id or here.h.store.pk, things=things, reason="missing"
    )  # fmt: skip
    return Disposal.objects.get(pk=done.id)


def refused(code: str, here: Site, *things: LotQuantity, place_id: int = 0) -> Refused:
    before = contents()
    with pytest.raises(Refused) as found:
        ask(here, *things, place_id=place_id)
    assert (found.value.code, contents()) == (code, before)
    return found.value


def sign(here: Site, paper: Disposal) -> None:
    write_off(actor=here.keeper, key=unique("o"), disposal_id=paper.pk, witness=witness_of(here.second))


def test_pieces_are_written_off_beside_a_unit_at_their_value(here: Site) -> None:
    [epc], lot = here.stocked(1, ago=41), here.stocked_lot(10)
    here.h.do(Step.LOSE, epc, to=virtual_places().lost, happened_at=days_ago(40))
    lose(here, lot, 4, 40)
    lose(here, lot, 2, 3)
    [row] = lost_lots(here.keeper)
    assert (row.place_id, row.pieces, row.ripe, row.papers) == (here.h.store.pk, 6, 4, ())
    paper = ask(here, epc, pieces_of(here, lot, 3))
    [counted] = paper.lines.filter(unit=None)
    assert (counted.quantity, counted.value) == (3, row.cost / 2)
    assert paper.amount == Decimal(100) + counted.value
    [row] = lost_lots(here.keeper)
    assert (row.pieces, row.ripe, row.papers) == (6, 1, (paper.number,))
    sign(here, paper)
    [row] = lost_lots(here.keeper)
    assert (row.pieces, row.ripe, row.papers) == (3, 1, ())
    [total] = statement(here.keeper, timezone.localdate())
    assert (total.kind, total.pieces, total.value) == ("write_off", 4, paper.amount)
    assert rebuild() == []


def test_no_more_than_was_lost_here_long_enough_and_stands_on_no_paper(here: Site) -> None:
    lot, other = here.stocked_lot(10), here.stocked_lot(5, "OTHER")
    lose(here, lot, 4, 40)
    lose(here, lot, 2, 3)
    said = refused("lost_pieces_fewer", here, pieces_of(here, lot, 5))
    assert {"lost": 6, "ripe": 4, "waiting": 0}.items() <= said.offences[0].facts.items()
    refused("lost_pieces_fewer", here, pieces_of(here, lot, 3), pieces_of(here, lot, 2))
    refused("not_lost_here", here, pieces_of(here, other, 1))
    refused("not_lost_here", here, LotQuantity(lot, Decimal(1), here.h.cabinet.pk))
    first = ask(here, pieces_of(here, lot, 3))
    assert refused("lost_pieces_fewer", here, pieces_of(here, lot, 2)).offences[0].facts["waiting"] == 3
    cancel_disposal(actor=here.keeper, key=unique("c"), disposal_id=first.pk)
    sign(here, ask(here, pieces_of(here, lot, 4), place_id=here.h.campus.pk))
    refused("lost_pieces_fewer", here, pieces_of(here, lot, 1))


def test_what_was_found_meanwhile_is_not_written_off(here: Site) -> None:
    lot = here.stocked_lot(10)
    lose(here, lot, 4, 40)
    paper = ask(here, pieces_of(here, lot, 4))
    find(here, lot, 1)
    before = contents()
    with pytest.raises(Refused) as found:
        sign(here, paper)
    assert (found.value.code, contents()) == ("found_meanwhile", before)
    cancel_disposal(actor=here.keeper, key=unique("c"), disposal_id=paper.pk)
    sign(here, ask(here, pieces_of(here, lot, 3)))
    assert lost_lots(here.keeper) == []
    find(here, lot, 2)
    lose(
        here, lot, 1, 0
    )  # What turned up after it was written off may be lost again, and is a loss of its own.
    [row] = lost_lots(here.keeper)
    assert (row.pieces, row.ripe) == (1, 0)


def test_what_was_lost_on_its_way_is_written_off_by_who_sent_it(here: Site) -> None:
    to, lot = way(here), here.stocked_lot(5)
    sent = to.sent([LotQuantity(lot, Decimal(2), here.h.store.pk)], (here.counted, 2))
    gone = LotQuantity(lot, Decimal(2), virtual_places().transit)
    give_up(actor=to.receiver, key=unique("g"), transfer_id=sent.id, things=[gone], reason="lost_on_way")
    [row] = lost_lots(here.keeper)
    assert (row.place_id, row.pieces, row.ripe) == (here.h.store.pk, 2, 0)
    refused("lost_pieces_fewer", here, pieces_of(here, lot, 1))


def test_the_longest_lost_turns_up_first_and_a_surplus_is_another_keepers() -> None:
    store, ward, now = Key(1, None, 10), Key(1, None, 20), timezone.now()
    told = [
        Told(store, 3, now - timedelta(days=50)),
        Told(store, 2, now - timedelta(days=40), written=True),
        Told(store, 2, now - timedelta(days=5)),
    ]
    assert (losses_of(told)[store].pieces, losses_of(told)[store].ripe(now)) == (3, 1)
    for found, left, ripe, written in ((1, 2, 0, 2), (3, 0, 0, 2), (4, 0, 0, 1)):
        after = losses_of([*told, Told(store, -found, now)])[store]
        assert (after.pieces, after.ripe(now), after.written) == (left, ripe, written)
    assert losses_of([*told, Told(ward, -2, now)])[store].pieces == 1
    assert losses_of([*told, Told(Key(2, None, 20), -2, now)])[store].pieces == 3

"""Pieces of a recalled lot that nobody marked yet are not free: they fill no level, no field, no list of ready kits."""

from django.test import RequestFactory

from tests.flows.site import Site, soon
from tests.flows.test_budgets import at_the_ward
from tests.flows.test_kits_picked import a_kit
from tests.flows.test_packing import packed, pieces
from tests.flows.test_recall_unmarked import recalled_elsewhere
from tests.flows.test_supply import kept, proposed
from yanji.ledger.api import kin, unit_view
from yanji.web.flow.lines import free_at
from yanji.web.storeroom.picking import ready_kits


def lot_of(epc: str) -> int:
    view = unit_view(epc)
    assert view is not None
    assert view.status == "available"
    return view.lot_id


def test_what_the_store_has_free(committed: Site) -> None:
    here, h = committed, committed.h
    [gone], _good = here.stocked(1, lot="OLD", expiry=soon(90)), here.stocked(2, lot="NEW", expiry=soon(90))
    request = RequestFactory().get("/", {"store_id": h.store.pk})
    request.actor = here.keeper
    assert free_at(request, "store_id", [h.item]) == {h.item.pk: 3}
    assert sum(each.pieces for each in kin(paths=["/"], item_ids=[h.item.pk])) == 3
    recalled_elsewhere(here, lot_of(gone))
    assert free_at(request, "store_id", [h.item]) == {h.item.pk: 2}
    assert sum(each.pieces for each in kin(paths=["/"], item_ids=[h.item.pk])) == 2


def test_what_the_department_has(committed: Site) -> None:
    here = committed
    epcs = at_the_ward(here, 2)
    kept(here, here.h.department, 1, 4)
    assert (proposed(here).here, proposed(here).quantity) == (2, 0)
    recalled_elsewhere(here, lot_of(epcs[0]))
    assert (proposed(here).here, proposed(here).quantity) == (0, 4)


def test_which_kits_are_ready(committed: Site) -> None:
    here, h = committed, committed.h
    kit = a_kit(here, units=1, counted=2)
    one, two = here.stocked(1, lot="A", expiry=soon(90)), here.stocked(1, lot="B", expiry=soon(90))
    lots = [here.stocked_lot(2, lot=number, expiry=soon(90)) for number in ("C", "D")]
    codes = [
        packed(here, [*units, pieces(here, lot, 2)], kind="kit", item_id=kit.pk)
        for units, lot in zip((one, two), lots, strict=True)
    ]

    def ready() -> set[str]:
        return {each.code for each in ready_kits(here.keeper, h.store.path, [kit.pk])}

    assert ready() == set(codes)
    recalled_elsewhere(here, lot_of(one[0]))
    assert ready() == {codes[1]}
    recalled_elsewhere(here, lots[1])
    assert ready() == set()

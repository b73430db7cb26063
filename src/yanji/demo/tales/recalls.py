"""A recall that turned out to be of another lot: it is ended, and what had been marked is looked at and given free."""

from datetime import date

from yanji.flows.hold import release
from yanji.flows.recall import recall
from yanji.flows.recall_end import end_recall

from ..stage import these
from ..teller import Teller

OFFICER = "officer"  # who may hold, and end a recall, at every place


def ended(teller: Teller, day: date) -> None:
    """Three pieces of a lot that the notice did not mean; four days later the maker withdrew it."""
    store = "MAIN-OS"
    [item, *_] = teller.for_sale(store, 1, below=4_000)
    things = teller.lain(store, teller.fresh(item, 3, teller.world.start))
    first = teller.after(day)
    teller.do(
        first,
        955,
        recall,
        OFFICER,
        things=these(things),
        notice=f"RC-{first:%y%m}-07",
        note="厂家来函：疑似灭菌批记录缺失",
    )
    second = teller.after(first, 4)
    teller.do(
        second, 560, end_recall, OFFICER, lot_id=lambda stage: stage.lot(things[0].batch), reason="withdrawn",
        note="厂家更正：涉及批号有误，本批不在召回范围",
    )  # fmt: skip
    teller.do(
        second, 640, release, OFFICER, things=these(things), reason="inspected", note="逐件查验，包装完好"
    )
    teller.back(second, store, things)

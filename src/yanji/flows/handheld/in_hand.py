"""Which paper scans are for: one at a time, and a ship notice with its order."""

from collections.abc import Iterator
from dataclasses import replace

from yanji.access.actor import Actor
from yanji.ledger.api import Offence

from ..gates import notice_for
from .about import About
from .way import Way


class InHand:
    """The papers of one act. What is booked is what was named last: naming one takes the others out."""

    def __init__(self, way: Way, actor: Actor) -> None:
        self._way, self._actor = way, actor
        self._orders: dict[int, int] = {}

    def order_of(self, notice_id: int) -> int:
        """The order of a ship notice. One statement for each notice."""
        if notice_id not in self._orders:
            notice = notice_for(self._actor, notice_id, may=self._way.asks)
            self._orders[notice_id] = notice.order_id
        return self._orders[notice_id]

    def complete(self, about: About) -> About:
        """With the order of its notice, where no order is named."""
        if about.notice_id is None or about.order_id is not None:
            return about
        return replace(about, order_id=self.order_of(about.notice_id))

    def naming(self, about: About, field: str, key: int | str) -> About:
        """What the act is about once this is named: a place stands beside a paper, a paper in place of every other. A notice
        stays with its own order."""
        kind = field.removesuffix("_id")
        if kind not in self._way.documents:
            return replace(about, **{field: key})
        others = {f"{each}_id": None for each in self._way.documents if each != kind}
        alone = replace(about, **others, **{field: key})
        if kind == "order" and about.notice_id and self.order_of(about.notice_id) == key:
            return replace(alone, notice_id=about.notice_id)
        return self.complete(alone)

    def differing(self, about: About) -> Iterator[Offence]:
        """Papers that were chosen together and are not of one act."""
        papers = {kind for kind in self._way.documents if about.document(kind)}
        if about.notice_id and "notice" in papers and self.order_of(about.notice_id) == about.order_id:
            papers -= {"order"}
        if len(papers) > 1:
            yield Offence(self._way.no_paper)

"""A count of the store and what is done in it, in few words, for the tests of counts."""

from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.catalog.models import ItemCode
from yanji.flows.counting.count import close_count, decide_variances, start_count, submit_count
from yanji.flows.counting.models import Count, Variance
from yanji.flows.counting.scan import Heard, Read, record
from yanji.ledger.api import Refused

LOT_GTIN, LOT_EXPIRY = "06901234500028", date(2049, 1, 1)
LOT_LABEL = f"]d201{LOT_GTIN}17{LOT_EXPIRY:%y%m%d}10B1"


class Counted:
    """A count of the store and what is done in it, in few words."""

    def __init__(self, here: Site, **limits: Any) -> None:
        self.here = here
        place = limits.pop("place_id", here.h.store.pk)
        self.id = start_count(actor=here.keeper, key=unique("k"), place_id=place, **limits).id

    def scan(self, *scans: str, who: Any = None, how: str = "scan", **fields: Any) -> list[Heard]:
        reads = [Read(scan, unique("scan"), **fields) for scan in scans]
        return record(actor=who or self.here.keeper, count_id=self.id, reads=reads, how=how)

    def close(self) -> dict[str, int]:
        done = close_count(actor=self.here.keeper, key=unique("k"), count_id=self.id)
        return dict(done.facts)

    def found(self) -> list[Variance]:
        count = Count.objects.get(pk=self.id)
        return list(count.variances.filter(round=count.round).order_by("pk"))

    def decide(
        self,
        *variances: Variance,
        decision: str = "accept",
        reason: str = "missing",
        note: str = "",
        **more: Any,
    ) -> None:
        ids = [each.pk for each in variances or self.found()]
        decide_variances(
            actor=self.here.keeper, key=unique("k"), count_id=self.id, variance_ids=ids, decision=decision,
            reason=reason if decision == "accept" else "", note=note, **more,
        )  # fmt: skip

    def submit(self, who: Any = None) -> Any:
        return submit_count(actor=who or self.here.keeper, key=unique("k"), count_id=self.id)


def lot_of(here: Site, pieces: int) -> int:
    """Pieces of a lot whose label can be scanned; the lot's id."""
    ItemCode.objects.get_or_create(issuer="GS1", code=LOT_GTIN, defaults={"item": here.counted})
    return here.stocked_lot(pieces, expiry=LOT_EXPIRY)


def refused(code: str, act: Any, *args: Any, **kwargs: Any) -> Refused:
    """The act is refused for this reason and leaves nothing behind."""
    before = contents()
    # Inside a test's own transaction a refused act would leave its key behind; outside it must clean up by itself.
    outer = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with pytest.raises(Refused) as caught, outer:
        act(*args, **kwargs)
    assert caught.value.code == code
    assert contents() == before
    return caught.value

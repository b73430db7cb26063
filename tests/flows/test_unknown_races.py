"""A second piece of what nobody knew is kept aside while master data says which item the first one is."""

import threading
import time
from typing import Any

import pytest
from django.db import connection

from tests.flows.site import Site, person
from tests.makers import unique
from tests.patience import PATIENCE
from tests.races.crowd import together
from yanji.catalog.models import Quarantined
from yanji.flows import unknown
from yanji.ledger.api import rebuild, unit_view

pytestmark = pytest.mark.slow
OTHER = "06970000000017"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


def kept_while_bound(here: Site, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The worst moment, every time: bound after the second was looked up, before it is written, where that can be."""
    steward, understand = here.actor(person("administrator", here.h.campus)), unknown.understand
    looked_up, bound = threading.Event(), threading.Event()

    def keep(serial: str) -> Any:
        return unknown.keep_unknown(
            actor=here.keeper, key=unique("k"), scan=f"]d201{OTHER}10L7\x1d21{serial}", place_id=here.h.store.pk
        )  # fmt: skip

    keep("RC1")
    row = Quarantined.objects.get(resolved_at=None)

    def understood(*scans: Any, **told: Any) -> Any:
        found, until = understand(*scans, **told), time.monotonic() + PATIENCE
        looked_up.set()
        while not bound.is_set() and not somebody_waits() and time.monotonic() < until:
            bound.wait(0.02)
        return found

    def bind() -> Any:
        looked_up.wait(PATIENCE)
        done = unknown.bind_unknown(actor=steward, key=unique("b"), row_id=row.pk, item_code=here.h.item.code)
        bound.set()
        return done

    monkeypatch.setattr(unknown, "understand", understood)
    together(lambda: keep("RC2"), bind)
    return tuple(unit_view(f"01/{OTHER}/21/{serial}") for serial in ("RC1", "RC2"))


def test_what_is_kept_aside_meanwhile_is_of_the_item_as_well(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = kept_while_bound(committed, monkeypatch)
    assert (first.item_id, second.item_id) == (committed.h.item.pk, committed.h.item.pk)
    assert not Quarantined.objects.filter(resolved_at=None).exists()
    assert rebuild() == []


def test_control_without_the_lock_of_the_code_it_is_of_an_item_that_is_no_more(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unknown, "one_at_a_time", lambda _what: None)
    first, second = kept_while_bound(committed, monkeypatch)
    assert first.item_id == committed.h.item.pk != second.item_id

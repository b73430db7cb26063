"""Which lots are recalled, as the flow that keeps recalls says it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from .wire import fetch

# Sorted: two recalls that share lots lock them in the same order. What moves of a lot meanwhile does not wait.
LOCK = "SELECT id FROM ledger_lot WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"
SAY = """
UPDATE ledger_lot lo SET recall = coalesce(said.notice, ''), recalled_at = said.since
  FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS said (lot, notice, since)
 WHERE lo.id = said.lot AND (lo.recall, lo.recalled_at) IS DISTINCT FROM (coalesce(said.notice, ''), said.since)
RETURNING lo.id
"""


def lock_lots(lots: Collection[int]) -> None:
    """Let nobody else say anything of these lots' recalls until this transaction ends. One statement, none without lots."""
    if lots:
        fetch(LOCK, (sorted(lots),))


def say_recalled(lots: Collection[int], recalls: Mapping[int, tuple[str, datetime]]) -> None:
    """Of these lots, those among the ``recalls`` are recalled under a notice since a moment, and the others are not. Who
    says it has locked the lots before reading what is in force. One statement, none without lots."""
    if lots:
        ids = sorted(lots)
        said = [recalls.get(lot, (None, None)) for lot in ids]
        fetch(SAY, (ids, [notice for notice, _since in said], [since for _notice, since in said]))

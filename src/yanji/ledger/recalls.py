"""Which lots are recalled, as the flow that keeps recalls says it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from .wire import fetch

# Sorted: two recalls that share lots lock them in the same order.
SAY = """
WITH said AS (
    SELECT lo.id, coalesce(s.notice, '') AS notice, s.since
      FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS s (lot, notice, since)
      JOIN ledger_lot lo ON lo.id = s.lot ORDER BY lo.id FOR UPDATE OF lo)
UPDATE ledger_lot lo SET recall = said.notice, recalled_at = said.since FROM said
 WHERE lo.id = said.id AND (lo.recall, lo.recalled_at) IS DISTINCT FROM (said.notice, said.since)
RETURNING lo.id
"""


def say_recalled(lots: Collection[int], recalls: Mapping[int, tuple[str, datetime]]) -> None:
    """Of these lots, those among the ``recalls`` are recalled under a notice since a moment, and the others are not. One
    statement, none without lots."""
    if lots:
        ids = sorted(lots)
        said = [recalls.get(lot, (None, None)) for lot in ids]
        fetch(SAY, (ids, [notice for notice, _since in said], [since for _notice, since in said]))

"""Numbers of documents: one series a campus and month, each from a counter row that is locked until the
commit."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from yanji.ledger.api import LAST_LETTER

# The prefix is the counter's key: should two campuses print alike, they share one series and never one
# number.
NEXT = """
INSERT INTO flows_counter (prefix, last)
SELECT concat_ws('-', %(series)s, (
           SELECT left(upper(ca.code), 12) FROM places_place ca
            WHERE ca.kind = 'campus' AND starts_with(%(path)s, ca.path) LIMIT 1), %(month)s), %(count)s
ON CONFLICT (prefix) DO UPDATE SET last = flows_counter.last + %(count)s
RETURNING prefix, last
"""
# Several counters are locked in one order, whoever asks.
NEXT_OF_EACH = """
INSERT INTO flows_counter (prefix, last)
SELECT concat_ws('-', series, (
           SELECT left(upper(ca.code), 12) FROM places_place ca
            WHERE ca.kind = 'campus' AND starts_with(%(path)s, ca.path) LIMIT 1), %(month)s), 1
  FROM unnest(%(series)s::text[]) WITH ORDINALITY AS asked (series, place) ORDER BY place
ON CONFLICT (prefix) DO UPDATE SET last = flows_counter.last + 1
RETURNING prefix, last
"""


def next_number(series: str, *, path: str, at: datetime) -> str:
    """The next number of a series at the campus of a place: ``PO-EAST-2610-0001``. One statement."""
    return next_numbers(series, path=path, at=at, count=1)[0]


def next_numbers(series: str, *, path: str, at: datetime, count: int) -> list[str]:
    """The next ``count`` numbers of a series at the campus of a place. One statement."""
    month = timezone.localtime(at).strftime("%y%m")
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"series": series, "path": path, "month": month, "count": count})
        prefix, last = cursor.fetchone()
    return [f"{prefix}-{number:04d}" for number in range(last - count + 1, last + 1)]


def next_of_each(*series: str, path: str, at: datetime) -> list[str]:
    """The next number of each of several series at the campus of a place, in the order asked. One statement."""
    month = timezone.localtime(at).strftime("%y%m")
    with connection.cursor() as cursor:
        cursor.execute(NEXT_OF_EACH, {"series": sorted(series), "path": path, "month": month})
        found = {prefix.partition("-")[0]: f"{prefix}-{last:04d}" for prefix, last in cursor.fetchall()}
    return [found[each] for each in series]


def next_block(series: str, count: int) -> range:
    """``count`` numbers in a row of a series that the whole hospital shares. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"series": series, "path": "", "month": None, "count": count})
        _prefix, last = cursor.fetchone()
    return range(last - count + 1, last + 1)


# A prefix that ends with a month has a campus before it; what is shared by the hospital has neither.
LATEST = """
SELECT c.prefix FROM flows_counter c
 WHERE c.prefix BETWEEN %(text)s AND %(last)s AND EXISTS (
       SELECT FROM places_place ca
         JOIN unnest(%(paths)s::text[]) AS seen ON starts_with(seen, ca.path) OR starts_with(ca.path, seen)
        WHERE ca.kind = 'campus' AND c.prefix LIKE '%%-' || replace(left(upper(ca.code), 12), '_', '\\_') || '-____')
 ORDER BY right(c.prefix, 4) DESC, c.prefix LIMIT %(most)s
"""
MOST_PREFIXES = 12


def latest_prefixes(text: str, *, paths: Sequence[str]) -> list[str]:
    """How the latest numbers begin of the series that begin so, at the campuses of these paths, last month first: at most
    ``MOST_PREFIXES``. One statement."""
    asked = {"text": text, "last": text + LAST_LETTER, "paths": list(paths), "most": MOST_PREFIXES}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, asked)
        return [prefix for (prefix,) in cursor.fetchall()]

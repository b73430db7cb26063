"""An entry of a posted count is taken back: the variance that it settled says so, and the count's accuracy leaves it out."""

from collections.abc import Callable

from django.db import connection

from yanji.ledger.api import Step
from yanji.ledger.models import Event

from .models import Count

# A unit is one variance; of a lot the pieces that the entry took out of the place that was short, or brought to the one that
# had too much. What was only bought says nothing about what was found.
MARK = """
UPDATE flows_variance v SET undone = least(v.pieces, v.undone + t.pieces), undone_event_id = %(correcting)s
  FROM (SELECT v.id, sum(m.quantity)::int AS pieces
          FROM ledger_movement m
          JOIN places_place f ON f.id = m.from_place_id
          JOIN places_place t ON t.id = m.to_place_id
          JOIN flows_variance v ON v.count_id = %(count)s AND v.round = %(round)s
                               AND (v.unit_id = m.unit_id
                                    OR v.unit_id IS NULL AND m.unit_id IS NULL AND v.lot_id = m.lot_id)
          LEFT JOIN places_place at ON at.id = CASE v.kind WHEN 'lot_short' THEN v.book_place_id ELSE v.seen_place_id END
         WHERE m.event_id = %(event)s
           AND (v.unit_id IS NOT NULL OR v.kind = 'lot_short' AND starts_with(f.path, at.path)
                OR v.kind = 'lot_over' AND starts_with(t.path, at.path))
         GROUP BY v.id) t
 WHERE v.id = t.id
"""


def count_taken_back(event: Event) -> Callable[[str], None] | None:
    """For ``correction``: locks the count whose entry it is; gives what marks its variances, two statements in all."""
    number = event.documents.get("count")
    if not number or event.step == Step.TAKE_TITLE:
        return None
    count = Count.objects.select_for_update(of=("self",)).get(number=number)

    def finish(correcting: str) -> None:
        asked = {"correcting": correcting, "count": count.pk, "round": count.round, "event": event.pk}
        with connection.cursor() as cursor:
            cursor.execute(MARK, asked)

    return finish

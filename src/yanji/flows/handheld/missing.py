"""What an act still needs to be told."""

from collections.abc import Iterator

from yanji.ledger.api import Offence

from .sights import Handful, called
from .way import NAMED_BY_THINGS, Way


def missing(found: Handful, way: Way) -> Iterator[Offence]:
    """Until nothing of it is missing, nothing is done. Pure."""
    about = found.about
    if (
        way.documents
        and (way.needs_paper or not found.things)
        and not any(about.document(kind) for kind in way.documents)
        and not any(each.code in NAMED_BY_THINGS for each in found.offences)
    ):
        yield Offence(way.no_paper)
    if way.needs_place and not about.place_id:
        yield Offence(way.no_place)
    if way.asks_store and not about.from_place_id:
        yield Offence("scan_which_store")
    if way.needs_carrier and (about.transfer_id or not way.documents) and not about.handed_to.strip():
        yield Offence("scan_carrier")
    if way.single and sum(meaning.quantity for meaning in found.things) > 1:
        last = found.things[-1]
        yield Offence("one_at_once", last.scan.strip()[:80], {"thing": called(last)})
    if way.reasons and way.needs_reason and not about.reason:
        yield Offence("scan_reason")
    if not found.things and not way.takes_all:
        yield Offence("scan_things")

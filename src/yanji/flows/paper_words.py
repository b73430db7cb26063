"""What was kept of a paper that is amiss, told in the language of whoever reads it now."""

from collections.abc import Mapping

from yanji.catalog.models import Licence
from yanji.ledger.api import Offence
from yanji.places.spoken import heard


def told(code: str, thing: str, facts: Mapping[str, object]) -> Offence:
    """An offence as it was kept, its names in the language of now; the kind of a licence is named anew."""
    kind = facts.get("licence")
    named = {"kind": Licence.Kind(str(kind)).label} if kind else {}
    return Offence(code, thing, {**{name: heard(fact) for name, fact in facts.items()}, **named})


def kept(offence: Offence) -> dict[str, object]:
    """An offence as it is kept, for :func:`told`. Pure."""
    return {"code": offence.code, "thing": offence.thing, "facts": offence.facts_kept()}

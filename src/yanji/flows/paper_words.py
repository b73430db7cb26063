"""What was kept of a paper that is amiss, told in the language of whoever reads it now."""

from collections.abc import Mapping

from yanji.catalog.models import Licence
from yanji.ledger.api import Offence


def told(code: str, thing: str, facts: Mapping[str, object]) -> Offence:
    """An offence as it was kept; the kind of a licence is named anew. Pure."""
    kind = facts.get("licence")
    named = {"kind": Licence.Kind(str(kind)).label} if kind else {}
    return Offence(code, thing, {**facts, **named})


def kept(offence: Offence) -> dict[str, object]:
    """An offence as it is kept, for :func:`told`. Pure."""
    facts = {name: str(fact) for name, fact in offence.facts.items()}
    return {"code": offence.code, "thing": offence.thing, "facts": facts}

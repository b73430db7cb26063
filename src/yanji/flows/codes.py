"""A tag is put on a unit, or a second symbol is found on its box: from then on that code means the unit, too."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused, UnitView, bind_code, release_code, unit_view
from yanji.ledger.models import Alias
from yanji.places.queries import by_any_case

from .acts import Done, verb
from .scanning import DOCUMENTS

MAY = "label"


@verb
def add_code(*, actor: Actor, key: str, epc: str, code: str) -> Done:
    """Let ``code`` mean the unit, as a scanner or a tag reader sends it. Said twice, it is so once.

    Raises :class:`Refused` where the code means another unit, a place or a document.
    """
    unit = _unit(actor, epc)
    plain = code.strip()
    if not plain:
        raise Refused("no_code")
    if by_any_case([plain]) or any(
        model.objects.filter(number=plain).exists() for model in DOCUMENTS.values()
    ):
        raise Refused("code_of_something_else", thing=plain)
    made = bind_code(plain, unit.id)
    return Done(plain, facts={"epc": unit.epc, "new": made})


@verb
def take_code(*, actor: Actor, key: str, code: str) -> Done:
    """Let a code mean nothing any more: the tag came off, or was put on the wrong unit."""
    plain = code.strip()
    bound = Alias.objects.filter(code=plain).values_list("unit__epc", flat=True).first()
    if bound is None:
        raise NotFound("code")
    unit = _unit(actor, bound)
    release_code(plain)
    return Done(plain, facts={"epc": unit.epc})


def _unit(actor: Actor, epc: str) -> UnitView:
    """A unit that lies where the actor assigns labels; raises NotFound for all others."""
    unit = unit_view(epc)
    if unit is None or not actor.may(MAY, unit.place_path):
        raise NotFound("unit")
    return unit

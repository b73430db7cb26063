"""What the maps of the house share: who measures by value, the way down, how dark a number is drawn."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.places.models import Place
from yanji.places.queries import above

from .board import Look
from .templatetags.yanji import amount, money_short

PIECES, VALUE = "pieces", "value"
MEASURES = {PIECES: _("Pieces"), VALUE: _("Value")}
SHADES = 5


def sees_value(actor: Actor, place: Place | None) -> bool:
    return actor.may(Operation.SEE_FIGURES, place.path if place else None)


def shows_value(actor: Actor, look: Look) -> bool:
    """Whether money may stand beside every number of what is looked at: the reader sees figures in all of it."""
    return all(actor.may(Operation.SEE_FIGURES, path) for path in look.cut.paths)


def measured(actor: Actor, look: Look) -> Look:
    """Value is measured where the reader sees figures, and nowhere else; who sees none there measures in pieces."""
    if look.measure != VALUE:
        return look
    if not sees_value(actor, look.place):
        return replace(look, measure=PIECES)
    paths = (look.place.path,) if look.place else actor.scopes.get(Operation.SEE_FIGURES, ())
    return replace(look, cut=replace(look.cut, paths=paths))


def way_to(actor: Actor, place: Place | None) -> list[Place]:
    """The places on the way down to the one looked at, as far up as the reader may look."""
    return [each for each in above(place) if actor.may(Operation.VIEW, each.path)] if place else []


def shade_of(figure: Decimal, deepest: Decimal) -> int:
    """How dark a number is drawn, 0 to :data:`SHADES`. By the root, or one large number would leave all others pale."""
    share = (figure / deepest).sqrt() if deepest > 0 else Decimal(0)
    return 1 + int((SHADES - 1) * min(share, Decimal(1))) if figure > 0 else 0


def said(figure: Decimal, measure: str) -> str:
    """A number of a map in few letters; nothing for none."""
    if not figure:
        return ""
    return money_short(figure) if measure == VALUE else amount(figure)

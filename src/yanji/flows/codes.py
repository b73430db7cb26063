"""A tag is put on a unit, or a second symbol is found on its box: from then on that code means the unit, too."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.identity import Identity, read
from yanji.ledger.api import Refused, UnitView, bind_code, release_code, storable, unit_view
from yanji.ledger.models import Alias, Unit
from yanji.ledger.refused import SENTENCES

from .acts import Done, verb
from .models import Case, ShipNoticeLine
from .models_codes import UnitCode
from .named_documents import documents_named
from .packing.contents import is_box
from .reasons import check_reason

MAY = "label"
ORDERS = "YANJI:"  # with which a code begins that tells the scan page something
SENTENCES.update(
    {
        "no_code": gettext_noop("There is no code. Scan the tag or the symbol."),
        "code_of_other_unit": gettext_noop(
            "{thing} is the code of another unit. Check the tag; if it was moved, take it off the other unit first."
        ),
        "code_of_something_else": gettext_noop(
            "{thing} means something else already: a place, a document, a box, a product, a patient or an order to this page. "
            "Use another tag."
        ),
        "code_is_identity": gettext_noop(
            "{thing} is the unit's own identity: it means the unit already. Scan the tag or the second symbol."
        ),
    }
)


@verb
def add_code(*, actor: Actor, key: str, epc: str, code: str) -> Done:
    """Let ``code`` mean the unit, as a scanner or a tag reader sends it. Said twice, it is so once.

    Raises :class:`Refused` where the code is the unit's own identity, or means another unit, a place, a document, a box, a
    product or a patient.
    """
    unit, plain = _allowed(actor, epc, code), code.strip()
    made = bind_code(plain, unit.id)
    if made:
        UnitCode.objects.create(
            unit_id=unit.id, code=plain, bound_at=timezone.now(), bound_by_id=actor.person_id
        )
    return Done(plain, facts={"epc": unit.epc, "new": made})


def check_code(actor: Actor, epc: str, code: str) -> UnitView:
    """The unit, where the code may be put on it as far as can be said now. Raises as :func:`add_code` does."""
    unit, plain = _allowed(actor, epc, code), code.strip()
    other = Unit.objects.filter(Q(epc=plain) | Q(pk__in=Alias.objects.filter(code=plain).values("unit")))
    if other.exclude(pk=unit.id).exists():
        raise Refused("code_of_other_unit", thing=plain)
    return unit


def _allowed(actor: Actor, epc: str, code: str) -> UnitView:
    unit = _unit(actor, epc)
    plain = code.strip()
    if not plain:
        raise Refused("no_code")
    if plain == unit.epc:
        raise Refused("code_is_identity", thing=plain)
    if not storable(plain):
        raise Refused("bad_text", field="code")
    own = read(plain)
    label = own if isinstance(own, Identity) and own.tag_uri is None else None
    if label and label.epc == unit.epc:
        raise Refused("code_is_identity", thing=plain)
    if documents_named({plain}) or _means(plain, label):
        raise Refused("code_of_something_else", thing=plain)
    return unit


def _means(code: str, label: Identity | None) -> bool:
    """Whether a code stands for anything but a unit: a box, an order to the scan page, a patient, the label of a product - of a
    kind or a lot, or of one unit that is here or announced. A second symbol of one that nobody has told of means nothing yet."""
    if code.upper().startswith(ORDERS) or is_box(code) or Case.objects.filter(patient_token=code).exists():
        return True
    if label is None:
        return False
    if label.epc is None or is_box(label.epc):
        return True
    here = Unit.objects.filter(epc=label.epc).exists()
    return here or ShipNoticeLine.objects.filter(epc=label.epc).exists()


@verb
def take_code(*, actor: Actor, key: str, code: str, reason: str, note: str = "", epc: str = "") -> Done:
    """Let a code mean nothing any more: the tag came off, or was put on the wrong unit. ``reason``: of group ``code_off``;
    ``epc``: the unit from which it is meant to come.

    Raises :class:`Refused` without a reason that may be chosen, and where the code has gone to another unit meanwhile.
    """
    plain = code.strip()
    # Held until the note is written too: nobody binds it elsewhere between the two.
    bound = Alias.objects.select_for_update(of=("self",)).select_related("unit").filter(code=plain).first()
    if bound is None:
        raise NotFound("code")
    unit = _unit(actor, epc or bound.unit.epc)
    if unit.id != bound.unit_id:
        raise Refused("code_of_other_unit", thing=plain)
    check_reason("code_off", reason)
    release_code(plain)
    UnitCode.objects.filter(code=plain, released_at__isnull=True).update(
        released_at=timezone.now(), released_by_id=actor.person_id, reason=reason, note=note.strip()
    )
    return Done(plain, facts={"epc": unit.epc})


def codes_of(unit_id: int) -> list[UnitCode]:
    """What the unit is called beside its identity, and was: what is on it first, then what came off last. One statement."""
    found = list(UnitCode.objects.filter(unit_id=unit_id).select_related("bound_by", "released_by"))
    on = [each for each in found if each.released_at is None]
    off = [each for each in found if each.released_at is not None]
    return on + sorted(off, key=lambda each: each.released_at, reverse=True)


def may_label(actor: Actor, unit: UnitView) -> bool:
    """Whether the person may put codes on the unit and take them off: where it lies, they assign labels."""
    return actor.may(MAY, unit.place_path)


def _unit(actor: Actor, epc: str) -> UnitView:
    """A unit that lies where the actor assigns labels; raises NotFound for all others."""
    unit = unit_view(epc)
    if unit is None or not may_label(actor, unit):
        raise NotFound("unit")
    return unit

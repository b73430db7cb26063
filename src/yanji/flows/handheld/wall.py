"""The codes of the scan page as a sheet beside the bench: yes, the reasons, and the places of a campus can be scanned there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import override

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.places.models import Kind, Place

from ..models_reasons import ReasonCode
from ..papers import Coded, Sheet, Wall, letterhead
from ..reasons import GROUPS
from .sights import CONFIRM
from .ways import ways_of

HANGS = {Kind.STORE: "stores", Kind.DOCK: "docks", Kind.DEPARTMENT: "departments"}
LANGUAGES = ("zh-hans", "en")


def campuses(actor: Actor) -> list[Place]:
    """Those where somebody does anything, the person's own first. Two statements."""
    own = Person.objects.filter(pk=actor.person_id).values_list("department__path", flat=True).first() or ""
    paths = {path for some in actor.scopes.values() for path in some}
    found = Place.objects.filter(kind=Kind.CAMPUS, active=True).order_by("path")
    seen = [each for each in found if any(each.path.startswith(p) or p.startswith(each.path) for p in paths)]
    return sorted(seen, key=lambda each: not own.startswith(each.path))


def wall_sheet(actor: Actor, campus_id: int | None = None) -> Sheet:
    """What a person may have to say on the scan page of one campus, as symbols. Six statements at most. Raises
    :class:`NotFound` for a campus where the person does nothing."""
    campus = next((each for each in campuses(actor) if campus_id in (None, each.pk)), None)
    if campus is None:
        raise NotFound("campus")
    return Sheet(
        title=_("Codes of the scan page"),
        number=CONFIRM,
        state=campus.name,
        head=letterhead(campus.path),
        walls=[Wall(_("Confirm"), [_confirm()]), *_reasons(actor), *_places(campus)],
        note=_("Scan a reason after the thing that it is said of, or anywhere where it is of the whole act."),
    )


def _confirm() -> Coded:
    words = []
    for language in LANGUAGES:
        with override(language):
            words.append(_("This is all: do it"))
    return Coded(CONFIRM, words)


def _reasons(actor: Actor) -> Iterator[Wall]:
    """By group, those that an act of this person asks for."""
    ways = ways_of(actor).values()
    groups = list(dict.fromkeys(group for way in ways for group in (way.reasons, *way.reasons_of) if group))
    found: dict[str, list[ReasonCode]] = defaultdict(list)
    for each in ReasonCode.objects.filter(group__in=groups, active=True):
        found[each.group].append(each)
    for group in groups:
        if found[group]:
            codes = [
                Coded(f"YANJI:REASON:{group}:{each.code}", (each.name_zh, each.name_en))
                for each in found[group]
            ]
            yield Wall(str(GROUPS[group]), codes)


def _places(campus: Place) -> Iterator[Wall]:
    titles = {"stores": _("Stores"), "docks": _("Docks"), "departments": _("Departments")}
    found = list(
        Place.objects.filter(path__startswith=campus.path, kind__in=HANGS, active=True).order_by("path")
    )
    for kind, sort in HANGS.items():
        if codes := _coded([place for place in found if place.kind == kind]):
            yield Wall(titles[sort], codes)


def _coded(places: Sequence[Place]) -> list[Coded]:
    return [Coded(place.code, (place.name_zh, place.name_en)) for place in places]

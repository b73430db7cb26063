"""The person who acts, with what they may do where: read once per request, then pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from yanji.identity import ScannerProfile
from yanji.identity.scanner import bare

from .models import Grant, Person
from .operations import Operation


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``scopes`` maps an operation code to the path prefixes (``/1/5/``) under which it is allowed.

    ``supplier_id`` is set for an external account, which acts for that supplier alone. ``scanner``: what the scanner in
    this person's hand does to a scan, where it was learnt; every scan of theirs is read by it. ``by_badge``: came in by badge
    or PIN, and may not do what wants a password. ``takes_turns``: acts at a
    shared device, by whichever way they came in.
    """

    person_id: int
    name: str
    scopes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    device: str = ""
    supplier_id: int | None = None
    scanner: ScannerProfile | None = None
    by_badge: bool = False
    takes_turns: bool = False

    def reading_with(self, scanner: ScannerProfile | None) -> "Actor":
        """The same person with another scanner in hand, or with none: a camera reads the label itself."""
        return replace(self, scanner=scanner)

    def text_of(self, scan: str) -> str:
        """What a scan says where it is compared as text - a wristband, a number, a code that confirms: without what the scanner
        adds around it or its keyboard makes of it."""
        return bare(self.scanner.unwrapped(scan) if self.scanner else scan).strip()

    def may(self, operation: str, path: str | None = None) -> bool:
        """Whether the operation is allowed at a place's path; without a path: anywhere at all."""
        prefixes = self.scopes.get(operation, ())
        if path is None:
            return bool(prefixes)
        return path.startswith(prefixes) if prefixes else False


SYSTEM = "yanji"  # the person that stands for the system itself; made by a migration, cannot sign in


def system_actor(operations: Iterable[Operation]) -> Actor:
    """The system as an actor, everywhere, with the named operations and no others."""
    person = Person.objects.get(username=SYSTEM)
    return Actor(person.pk, person.name, {operation.value: ("/",) for operation in operations}, "system")


def scopes_of(grants: Iterable[Grant]) -> dict[str, tuple[str, ...]]:
    """Fold grants (role and place loaded) into operation -> path prefixes, the widest only, sorted."""
    paths: dict[str, set[str]] = {}
    for grant in grants:
        for operation in grant.role.operations:
            paths.setdefault(operation, set()).add(grant.place.path)
    return {operation: _widest(found) for operation, found in paths.items()}


def _widest(paths: set[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)


def valid_on(grants: QuerySet[Grant], day: date) -> QuerySet[Grant]:
    """Of some grants, those whose first and last day let them hold on a day."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return grants.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gte=day))


def demand_password(actor: Actor) -> None:
    """For acts about who somebody is: a badge that was lent, or a PIN that was seen, must not change them.

    Raises ValidationError for who came in by badge or PIN.
    """
    if actor.by_badge:
        sentence = _("You came in by badge or PIN. Sign in with your password to do this.")
        raise ValidationError(sentence, "needs_password")


def actor_for(
    person: Person,
    *,
    today: date,
    device: str = "",
    scanner: ScannerProfile | None = None,
    by_badge: bool = False,
    takes_turns: bool = False,
) -> Actor:
    """The actor of a signed-in person: one query for all grants valid on ``today``. Who came in ``by_badge`` keeps what they
    may do, but for people, roles and grants."""
    grants = valid_on(Grant.objects.filter(person=person), today).select_related("role", "place")
    scopes = scopes_of(grants) if person.is_active else {}
    if person.supplier_id is not None:
        # Whatever role was given by mistake: an external account acts for its supplier and does nothing else.
        scopes = {operation: paths for operation, paths in scopes.items() if operation == Operation.SUPPLY}
    if by_badge:
        scopes.pop(Operation.EDIT_ACCESS, None)
    return Actor(person.pk, person.name, scopes, device, person.supplier_id, scanner, by_badge, takes_turns)

"""What a reader may see of a thing. Hidden and absent answer alike: both raise NotFound."""

from collections.abc import Iterable, Sequence

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.ledger.api import Passage, virtual_places


def check_seen(actor: Actor, paths: Iterable[str]) -> None:
    """Let through who may see any of the places a thing has been to; raises NotFound for all others.

    What has touched no place of the house yet (announced, not received) is seen by whoever may see anything.
    """
    inside = [path for path in paths if not is_virtual(path)]
    if not (any(actor.may(Operation.VIEW, path) for path in inside) if inside else actor.may(Operation.VIEW)):
        raise NotFound("thing")


def is_virtual(path: str) -> bool:
    """Whether a path is one of the places beyond the door (supplier, patient, transit, scrap, lost)."""
    found = virtual_places()
    ids = (found.supplier, found.patient, found.transit, found.scrap, found.lost)
    return path in {f"/{key}/" for key in ids}


def may_see_patient(actor: Actor, paths: Iterable[str]) -> bool:
    """Whether tokens and cases are shown in clear: the operation is held where the thing was handled."""
    return any(actor.may(Operation.VIEW_PATIENT, path) for path in paths)


def paths_of(passages: Sequence[Passage]) -> list[str]:
    return [passage.to_place_path for passage in passages]


# Stands where a token or a case is, for who may not see it.
HIDDEN = "••••••"

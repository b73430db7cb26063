"""The virtual places, looked up once: they are made by a migration and never change."""

from dataclasses import dataclass

from yanji.places.models import VIRTUAL, Place


@dataclass(frozen=True, slots=True)
class VirtualPlaces:
    """Ids of the places beyond the door."""

    supplier: int
    patient: int
    transit: int
    scrap: int
    lost: int
    consumed: int


_found: list[VirtualPlaces] = []


def virtual_places() -> VirtualPlaces:
    """The virtual places; read once a process."""
    if not _found:
        ids = {kind: key for key, kind in Place.objects.filter(kind__in=VIRTUAL).values_list("id", "kind")}
        _found.append(VirtualPlaces(**{str(kind): key for kind, key in ids.items()}))
    return _found[0]

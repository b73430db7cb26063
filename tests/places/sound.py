"""What must hold for every tree of places."""

from yanji.places.models import Place


def broken_paths() -> list[int]:
    """Places whose path does not follow from their parent's."""
    paths = {place.pk: place.path for place in Place.objects.all()}
    return [
        place.pk
        for place in Place.objects.all()
        if place.path != f"{paths[place.parent_id] if place.parent_id else '/'}{place.pk}/"
    ]

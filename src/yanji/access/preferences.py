"""A person's own settings: the one thing that everybody may change about themselves."""

from .actor import Actor
from .models import Person


def set_preferences(*, actor: Actor, language: str | None = None, theme: str | None = None) -> None:
    """Keep the language and theme that were given; None leaves one as it is."""
    chosen = {name: value for name, value in (("language", language), ("theme", theme)) if value is not None}
    if chosen:
        Person.objects.filter(pk=actor.person_id).update(**chosen)

"""Fills an empty database with the demo hospital: master data, the life simulated in memory, then the ledger."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from random import Random

from django.db import transaction
from django.utils import timezone

from yanji.access.models import Person
from yanji.catalog.models import Item
from yanji.ledger.models import Event

from . import master, paperwork
from .campuses import spots
from .catalogue import catalogue
from .clock import Clock, imagined
from .life import live
from .posting import Poster
from .staff import colleagues

Progress = Callable[[int, int, str], None]


class NotEmptyError(Exception):
    """The database already holds a hospital; its message says what to do."""


def load(
    seed: int = 1, *, progress: Progress | None = None, today: date | None = None, scale: float = 1.0
) -> None:
    """Load everything. What an interrupted load leaves is of no use: begin with an empty database again.

    The same seed on the same day makes the same hospital. ``scale`` thins out stock and cases (master data stays
    whole); ``progress`` is called with (done, total, what). Raises :class:`NotEmptyError`, and ValueError for a day to come.
    """
    now = timezone.now()
    today = today or timezone.localdate(now)
    if today > timezone.localdate(now):
        raise ValueError("the demo hospital cannot end in the future")
    tell = progress or (lambda done, total, what: None)
    require_empty()
    tell(0, 100, "Imagining the hospital")
    places, items = spots(), catalogue(Random(f"catalogue:{seed}"), today)
    people = colleagues(Random(f"people:{seed}"))
    world = live(
        seed=seed, today=today, zone=timezone.get_default_timezone(), scale=scale, catalogue=items, people=people,
        progress=lambda share: tell(int(5 * share), 100, "Imagining the hospital"),
    )  # fmt: skip
    story = world.story()
    total = len(story)
    tell(5, 100, "Writing the catalogue")
    with transaction.atomic():
        rows = master.write(places, items, people, Random(f"papers:{seed}"), today)
    poster = Poster(rows, Clock(today, now))
    filing = paperwork.Filing(world, rows, poster)
    poster.stage.filing = filing
    with _no_garbage_collection(), imagined():
        filing.begin()
        poster.post_all(
            story, filing.until, lambda done: tell(8 + 89 * done // total, 100, "Living through 120 days")
        )
        tell(97, 100, "Filing the documents")
        with transaction.atomic():
            filing.finish()
    tell(100, 100, "Done")


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A million small objects wait to be posted: looking through them again and again costs seconds and frees nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def require_empty() -> None:
    """Raises :class:`NotEmptyError` unless the database holds nothing yet."""
    if Person.objects.filter(is_active=True).exists() or Item.objects.exists() or Event.objects.exists():
        raise NotEmptyError(
            "The database already holds a hospital. The demo goes into an empty one: give another folder with YANJI_HOME."
        )

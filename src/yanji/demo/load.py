"""Fills an empty database with the demo hospital: master data, the life simulated in memory, then the ledger."""

from collections.abc import Callable
from datetime import date
from random import Random

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.models import Person
from yanji.catalog.models import Item
from yanji.flows.labelling import gs1_prefix
from yanji.ledger.models import Event

from . import master, paperwork
from .campuses import spots
from .catalogue import catalogue
from .life import live
from .posting import Clock, Poster
from .staff import colleagues

Progress = Callable[[int, int, str], None]


class NotEmpty(Exception):
    """The database already holds a hospital; its message says what to do."""


def load(seed: int = 1, *, progress: Progress | None = None, today: date | None = None, scale: float = 1.0) -> None:
    """Load everything, or nothing: one transaction.

    The same seed on the same day makes the same hospital. ``scale`` thins out stock and cases (master data stays
    whole); ``progress`` is called with (done, total, what). Raises :class:`NotEmpty`, and ValueError for a day to come.
    """
    now = timezone.now()
    today = today or timezone.localdate(now)
    if today > timezone.localdate(now):
        raise ValueError("the demo hospital cannot end in the future")
    tell = progress or (lambda done, total, what: None)
    _require_empty()
    tell(0, 100, _("Imagining the hospital"))
    places, items = spots(), catalogue(Random(f"catalogue:{seed}"), today)
    people = colleagues(Random(f"people:{seed}"))
    world = live(
        seed=seed, today=today, zone=timezone.get_default_timezone(), scale=scale, catalogue=items, people=people,
        label_prefix=gs1_prefix(), progress=lambda share: tell(int(5 * share), 100, _("Imagining the hospital")),
    )  # fmt: skip
    total = len(world.acts)
    with transaction.atomic(durable=not connection.in_atomic_block):
        # Nothing is acknowledged to anybody before the end: the disk need not hear of every act.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        tell(5, 100, _("Writing the catalogue"))
        rows = master.write(places, items, people, Random(f"papers:{seed}"), today)
        poster = Poster(rows, Clock(today, now))
        poster.post_all(world.acts, lambda done: tell(8 + 86 * done // total, 100, _("Living through 120 days")))
        tell(94, 100, _("Filing the documents"))
        paperwork.write(world, rows, poster)
    tell(100, 100, _("Done"))


def _require_empty() -> None:
    if Person.objects.exists() or Item.objects.exists() or Event.objects.exists():
        raise NotEmpty(
            _("The database already holds a hospital. The demo goes into an empty one: give another folder with YANJI_HOME.")
        )

"""A client process of the drills: posts until it is killed, and writes down what it began and what was acknowledged.

Arguments: `post NUMBER FILE` or `check FILE...`. The hospital is made by `lay`. YANJI_HOME names the cluster.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

HAPPENED_AT = datetime(
    2026, 1, 1, tzinfo=UTC
)  # the same for a retry: an act is what it is, whenever it is sent
ACTS = 100_000


def hospital() -> Any:
    """Ids of what `lay` made."""
    from yanji.access.actor import Actor
    from yanji.access.models import Person
    from yanji.access.operations import Operation
    from yanji.catalog.models import Item
    from yanji.places.models import Place

    campus, store = Place.objects.get(code="CAMPUS"), Place.objects.get(code="STORE")
    person = Person.objects.get(username="drill")
    actor = Actor(person.pk, "drill", {operation.value: (campus.path,) for operation in Operation})
    return actor, store.pk, Item.objects.get(code="ITEM").pk


def lay() -> None:
    """One store, one item, one person."""
    from yanji.access.models import Person
    from yanji.catalog.models import Item
    from yanji.places.models import Kind, Place

    campus = Place.objects.create(kind=Kind.CAMPUS, code="CAMPUS", name_zh="院区")
    store = Place.objects.create(kind=Kind.STORE, code="STORE", name_zh="库房", parent=campus)
    Place.objects.filter(pk=campus.pk).update(path=f"/{campus.pk}/")
    Place.objects.filter(pk=store.pk).update(path=f"/{campus.pk}/{store.pk}/")
    Item.objects.create(code="ITEM", name_zh="支架", temperature_class="room")
    Person.objects.create(username="drill", name_zh="drill")


def act(key: str, house: Any) -> str:
    """Do the act that a key names, now or again: a receipt of three units, or their acceptance. Gives the event's id."""
    from yanji.ledger.api import Draft, Line, NewUnit, Step, post

    actor, store, item = house
    delivery, verb = key.rsplit(":", 1)
    serials = [f"{delivery}-{number}" for number in range(3)]
    if verb == "receive":
        lines = [Line(NewUnit(f"8004/{serial}", item, serial, lot="L1"), store) for serial in serials]
    else:
        lines = [Line(f"8004/{serial}") for serial in serials]
    draft = Draft(Step(verb), key, HAPPENED_AT, tuple(lines))
    return post(draft, actor=actor).event_id


def say(out: Any, *words: str) -> None:
    """A line that survives the death of this process and of the machine's memory."""
    out.write(" ".join(words) + "\n")
    out.flush()
    os.fsync(out.fileno())


def post_until_killed(number: str, path: Path) -> None:
    house = hospital()
    with path.open("a") as out:
        for turn in range(ACTS):
            for verb in ("receive", "accept"):
                key = f"{number}.{turn}:{verb}"
                say(out, "began", key)
                say(out, "done", key, act(key, house))


def check(paths: list[Path]) -> dict[str, Any]:
    """Send everything again that was ever begun, and look at what is there."""
    from django.db import connection

    from yanji.ledger.api import rebuild, sequence

    house = hospital()
    began: list[str] = []
    acknowledged: dict[str, str] = {}
    for path in paths:
        for line in path.read_text().splitlines():
            word, key, *event = line.split()
            if word == "began":
                began.append(key)
            elif event:
                acknowledged[key] = event[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, id::text FROM ledger_event")
        there = dict(cursor.fetchall())
    lost = [key for key, event in acknowledged.items() if there.get(key) != event]
    drift = len(rebuild())
    again = {key: act(key, house) for key in began}
    changed = [key for key, event in acknowledged.items() if again[key] != event]
    sequence()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_event")
        [events] = cursor.fetchone()
        cursor.execute("SELECT count(*), coalesce(max(position), 0) FROM ledger_log")
        logged = list(cursor.fetchone())
        cursor.execute("SELECT count(*) FROM ledger_movement")
        [movements] = cursor.fetchone()
    return {
        "acknowledged": len(acknowledged),
        "lost": lost,
        "drift": drift,
        "changed": changed,
        "drift_after_retries": len(rebuild()),
        "keys": len(set(began)),
        "events": events,
        "movements": movements,
        "logged": logged,
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "yanji.host.settings"
    django.setup()
    match sys.argv[1:]:
        case ["lay"]:
            lay()
        case ["post", number, path]:
            post_until_killed(number, Path(path))
        case ["check", *paths]:
            print(json.dumps(check([Path(path) for path in paths])))

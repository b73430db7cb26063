"""The hospital that the benchmarks work in: made once in a scratch database of a cluster of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

FAR = date(2099, 12, 31)
LOTS = 20
DEPARTMENTS = 4
COST = 100


@dataclass(frozen=True)
class Ground:
    """Ids of what the benchmarks need; plain values, so that client processes can be given it."""

    campus_path: str
    store: int
    counted: int  # a store that holds only what the count's bench puts there
    cabinets: tuple[int, ...]
    supplier: int
    actor: int
    items: tuple[int, ...]
    lots: tuple[tuple[int, int, str], ...] = field(default=())  # (lot id, item id, number)


@contextmanager
def scratch_cluster(home: Path) -> Iterator[None]:
    """A cluster of our own with every default of ours (fsync on), migrated; Django set up on it."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["YANJI_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "yanji.host.settings"
    from yanji.host.cluster import cluster_at

    with cluster_at(home).use():
        subprocess.run([sys.executable, "-m", "yanji", "manage", "migrate", "-v0"], check=True)
        with owner() as connection:
            connection.execute((Path(__file__).parent / "floor.sql").read_text(encoding="utf-8"))
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
        import django

        django.setup()
        yield


@contextmanager
def owner():
    """A raw connection of the tables' owner, in autocommit."""
    from yanji.host.database import as_owner, database
    from yanji.host.home import home_folder

    with as_owner(database(home_folder())) as connection:
        yield connection


def app_conninfo() -> str:
    """How the application's own role connects, for the raw side of a comparison."""
    from yanji.host.database import APP, database
    from yanji.host.home import home_folder

    return database(home_folder()).login(APP)


def lay() -> Ground:
    """One campus: two stores, four departments with a cabinet each; one supplier; twenty lots of four items."""
    from yanji.access.models import Person
    from yanji.catalog.models import Item, Supplier
    from yanji.ledger.models import Lot
    from yanji.places.models import Kind, Place

    def place(kind: str, code: str, parent: Place | None = None) -> Place:
        made = Place.objects.create(kind=kind, code=code, name_zh=code, parent=parent)
        made.path = f"{parent.path if parent else '/'}{made.pk}/"
        made.save(update_fields=["path"])
        return made

    campus = place(Kind.CAMPUS, "CAMPUS")
    store = place(Kind.STORE, "STORE", campus)
    wards = [place(Kind.DEPARTMENT, f"WARD{number}", campus) for number in range(DEPARTMENTS)]
    cabinets = [place(Kind.CABINET, f"CABINET{number}", ward) for number, ward in enumerate(wards)]
    supplier = Supplier.objects.create(code="SUPPLIER", name_zh="供应商")
    person = Person.objects.create(username="bench", name_zh="bench")
    items = [Item.objects.create(code=f"ITEM{n}", name_zh="支架", temperature_class="room") for n in range(4)]
    lots = [
        Lot.objects.create(item=items[n % len(items)], number=f"LOT{n:03d}", expiry=FAR) for n in range(LOTS)
    ]
    return Ground(
        campus_path=campus.path,
        store=store.pk,
        counted=place(Kind.STORE, "COUNTED", campus).pk,
        cabinets=tuple(cabinet.pk for cabinet in cabinets),
        supplier=supplier.pk,
        actor=person.pk,
        items=tuple(item.pk for item in items),
        lots=tuple((lot.pk, lot.item_id, lot.number) for lot in lots),
    )

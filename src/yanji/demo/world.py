"""The state of the simulated hospital: who works where, what lies where, and the clock. No database in sight."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random

from yanji.ledger.api import Step

from .campuses import DEPARTMENTS, STORES, Department, Store, store_for
from .catalogue import Catalogue, CatalogueItem
from .record import Act, Batch, Bulk, Move, OrderDoc, Papers, Piece, Scene, Thing
from .staff import Colleague

DAYS = 120
CARRIERS = ("顺捷冷链", "通达医药物流", "恒运专车", "瑞捷医药配送")


@dataclass
class World:
    """``shelf`` holds what can be picked or used, by (store or department, item), first expiry first."""

    rng: Random
    today: date
    zone: tzinfo
    scale: float
    catalogue: Catalogue
    people: list[Colleague]
    shelf: dict[tuple[str, int], list[Thing]] = field(default_factory=lambda: defaultdict(list))
    acts: list[Act] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    papers: Papers = field(default_factory=Papers)
    numbers: Counter[str] = field(default_factory=Counter)
    serials: Counter[int] = field(default_factory=Counter)
    batches: dict[int, list[Batch]] = field(default_factory=dict)
    keepers: dict[str, list[str]] = field(default_factory=dict)
    returned: dict[str, list[Thing]] = field(default_factory=dict)  # by store, waiting for inspection
    held: list[tuple[str, date, Thing, str]] = field(default_factory=list)  # store, since, thing, why
    expired: list[tuple[str, date, Thing]] = field(default_factory=list)  # place, since, thing
    recalled: list[tuple[str, Thing]] = field(default_factory=list)
    families: dict[str, list[int]] = field(default_factory=dict)
    told: set[Batch] = field(default_factory=set)  # lots of which a tale has something in its hands
    recalled_lot: str = ""
    gone_back: Counter[str] = field(
        default_factory=Counter
    )  # order -> accepted units that its supplier has again

    def __post_init__(self) -> None:
        for person in self.people:
            if person.role in ("storekeeper", "nurse"):
                self.keepers.setdefault(person.works_at, []).append(person.username)
        for number, item in enumerate(self.catalogue.items):
            self.families.setdefault(item.family.code, []).append(number)
        # Chance of its own for what is told beside the daily work: more of it leaves the rest of the life as it was.
        self.tales = Random(f"tales:{self.rng.random()}")
        self.start = self.today - timedelta(days=DAYS - 1)
        self.stores: dict[str, Store] = {store.code: store for store in STORES}
        self.departments: dict[str, Department] = {department.code: department for department in DEPARTMENTS}

    # The clock

    def at(self, day: date, minute: float) -> datetime:
        """A moment of a day, minutes after midnight in the hospital's zone; the seconds are never round."""
        second = min(86_399, int(minute * 60) + self.rng.randrange(60))
        return datetime.combine(day, time(second // 3600, second // 60 % 60, second % 60), self.zone)

    def works(self, day: date) -> bool:
        """Whether stores and planned cases run. Today always counts: somebody is looking."""
        return day.weekday() < 5 or day >= self.today

    def next_working(self, day: date, steps: int = 1) -> date:
        while steps:
            day += timedelta(days=1)
            steps -= self.works(day)
        return day

    # Names and numbers

    def number(self, series: str, place: str, day: date) -> str:
        """The next number of a series, as the flows print it: ``PO-MAIN-2610-0001``."""
        prefix = f"{series}-{place.split('-', maxsplit=1)[0]}-{day:%y%m}"
        self.numbers[prefix] += 1
        return f"{prefix}-{self.numbers[prefix]:04d}"

    def item(self, number: int) -> CatalogueItem:
        return self.catalogue.items[number]

    def keeper(self, place: str) -> str:
        """Somebody who works at this store or department."""
        return self.rng.choice(self.keepers[place])

    def lead(self, place: str) -> str:
        return f"lead-{place.split('-', maxsplit=1)[0].lower()}"

    def home(self, place: str, item: int) -> str:
        """The very shelf of an item at a store or a department."""
        temperature = self.item(item).family.temperature
        if place in self.stores:
            return self.stores[place].bin_for(item, temperature)
        return self.departments[place].shelf(temperature)

    def store_of(self, department: str, item: int) -> Store:
        return store_for(self.departments[department].campus, self.item(item).family.field)

    # Things

    def batch(self, item: int, day: date, *, oldest: float = 0.0) -> Batch:
        """A lot of which the supplier delivers on a day: mostly the running one, now and then a fresh one."""
        running = self.batches.setdefault(item, [])
        if not running or self.rng.random() < 0.22 or running[-1].expiry <= day + timedelta(days=30):
            low, high = self.item(item).family.shelf_months
            shelf = int(30.4 * self.rng.uniform(low, high))
            age = int(shelf * oldest) if oldest else self.rng.randint(15, 70)
            made = day - timedelta(days=min(age, shelf - 3))
            self.numbers[f"lot{item}"] += 1
            letter = "ABCDEFGHKLMN"[made.month - 1]
            number = f"{letter}{made:%y%m}{item:03d}{self.numbers[f'lot{item}']:02d}"
            running.append(Batch(item, number, made + timedelta(days=shelf), made))
        return running[-1]

    def piece(self, item: int, batch: Batch, order: str = "") -> Piece:
        """A new unit, with the maker's serial; the hospital's own label comes later where there is none."""
        entry = self.item(item)
        self.serials[item] += 1
        serial = _serial(entry.maker, item, self.serials[item], batch)
        epc = "" if entry.labelled_here else entry.epc(serial)
        return Piece(epc, serial, batch, entry.supplier, entry.price, order)

    def things(self, item: int, quantity: int, batch: Batch, order: str = "") -> list[Thing]:
        entry = self.item(item)
        if entry.family.tracking == "lot":
            return [Bulk(batch, quantity, entry.supplier, entry.price)]
        return [self.piece(item, batch, order) for _ in range(quantity)]

    # Shelves

    def put(self, place: str, things: list[Thing]) -> None:
        """Lay things on the shelf of a store or a department."""
        touched = set()
        for thing in things:
            shelf = self.shelf[place, thing.item]
            thing.place = self.home(place, thing.item)
            same = next(
                (lain for lain in shelf if isinstance(lain, Bulk) and lain.batch is thing.batch), None
            )
            if isinstance(thing, Bulk) and isinstance(same, Bulk):
                same.quantity += thing.quantity
            else:
                shelf.append(
                    Bulk(thing.batch, thing.quantity, thing.supplier, thing.cost, thing.place)
                    if isinstance(thing, Bulk)
                    else thing
                )
            touched.add(thing.item)
        for item in touched:
            self.shelf[place, item].sort(key=lambda thing: thing.batch.expiry)

    def sent_back(self, things: Sequence[Thing]) -> None:
        """Accepted things return to their supplier: nobody pays for them."""
        self.gone_back.update(thing.order for thing in things if isinstance(thing, Piece))

    def payable(self, order: OrderDoc) -> bool:
        """Whether something of it was accepted that has not gone back: else there is nothing to charge."""
        return sum(received for _, received, _ in order.lines.values()) > self.gone_back[order.number]

    def on_shelf(self, place: str, item: int) -> int:
        return sum(pieces(thing) for thing in self.shelf.get((place, item), ()))

    def take(self, place: str, item: int, quantity: int, day: date) -> list[Thing]:
        """Up to so many pieces, first expiry first, none expired on the day; they leave the shelf."""
        shelf: list[Thing] = self.shelf.get((place, item), [])
        taken: list[Thing] = []
        for thing in [thing for thing in shelf if thing.batch.expiry >= day]:
            if quantity <= 0:
                break
            if isinstance(thing, Bulk) and thing.quantity > quantity:
                thing.quantity -= quantity
                taken.append(Bulk(thing.batch, quantity, thing.supplier, thing.cost, thing.place))
                break
            shelf.remove(thing)
            taken.append(thing)
            quantity -= pieces(thing)
        return taken

    # Acts

    def act(self, at: datetime, step: Step, key: str, actor: str, moves: list[Move], **more: object) -> Act:
        """Note one act. It happens in the ledger later, in the order of time."""
        assert moves or more.get("corrects"), key
        act = Act(at, len(self.acts), step, key, actor, moves, **more)
        self.acts.append(act)
        return act

    def story(self) -> list[Act | Scene]:
        """Acts and scenes in the order in which the ledger hears of them."""
        return sorted([*self.acts, *self.scenes], key=lambda each: (each.known, each.order))


def pieces(thing: Thing) -> int:
    return thing.quantity if isinstance(thing, Bulk) else 1


def moves(things: Sequence[Thing], to: str = "", *, new: bool = False, source: str = "") -> list[Move]:
    """One line a thing, all to one place; ``source`` is where quantities lie, if not on their shelf."""
    return [Move(thing, to, new, source or thing.place, pieces(thing)) for thing in things]


def _serial(maker: int, item: int, count: int, batch: Batch) -> str:
    """Makers count in their own ways; none repeats itself within an item."""
    match maker % 4:
        case 0:
            return f"S{batch.made:%y}{item:03d}{count:05d}"
        case 1:
            return f"{item * 100_000 + count * 37 % 100_000:010d}"
        case 2:
            return f"{batch.made:%y%m}-{item:03d}{count:04d}"
        case _:
            return f"{'ABCDEFGHJKLMNPQR'[item % 16]}{item:03d}{count:04X}"

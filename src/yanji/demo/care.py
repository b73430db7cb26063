"""What goes wrong and is put right: returns, expiry, holds, a recall, things lost and found, scrap."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby

from yanji.ledger.api import Step

from .record import Batch, Move, Piece, Thing
from .world import World, moves

RECALL_BEFORE = 16  # days before today
QUALITY = "quality"


def restock(world: World, day: date) -> None:
    """What came back the evening before is looked at and put on its shelf again."""
    for store, things in sorted(world.returned.items()):
        if not things:
            continue
        keeper, code = world.keeper(store), f"{store}:{day:%y%m%d}"
        returns = world.stores[store].returns
        good = [thing for thing in things if thing.batch.expiry >= day and world.rng.random() < 0.97]
        bad = [thing for thing in things if thing not in good]
        at = world.at(day, 452)
        if bad:
            world.act(
                at,
                Step.HOLD,
                f"inspect:{code}:hold",
                keeper,
                moves(bad, source=returns),
                reason="opened",
                read_point=returns,
            )
            world.held.extend((store, day, thing, "opened") for thing in bad)
        if good:
            world.act(
                at, Step.RESTOCK, f"inspect:{code}", keeper, moves(good, source=returns), read_point=returns
            )
            lines = [
                line
                for thing in good
                for line in moves([thing], world.home(store, thing.item), source=returns)
            ]
            world.act(
                world.at(day, 470), Step.PUT_AWAY, f"put-away:return:{code}", keeper, lines, read_point=store
            )
            world.put(store, good)
        world.returned[store] = []


def expire(world: World, day: date) -> None:
    """Mondays: what is past its date is marked, store by store and department by department."""
    for place, things in _shelves(world, lambda thing: thing.batch.expiry < day).items():
        lead = world.lead(place)
        world.act(
            world.at(day, 478),
            Step.EXPIRE,
            f"expire:{place}:{day:%y%m%d}",
            lead,
            moves(things),
            read_point=place,
        )
        world.expired.extend((place, day, thing) for thing in things)


def _shelves(world: World, chosen: Callable[[Thing], bool]) -> dict[str, list[Thing]]:
    """Everything on any shelf of which the function says yes, taken down, by store or department."""
    found: dict[str, list[Thing]] = {}
    for (place, _item), shelf in sorted(world.shelf.items()):
        hit = [thing for thing in shelf if chosen(thing)]
        if hit:
            shelf[:] = [thing for thing in shelf if not chosen(thing)]
            found.setdefault(place, []).extend(hit)
    return found


def scrap(world: World, day: date) -> None:
    """Fridays: what expired last week or before is destroyed, two persons looking."""
    due = [entry for entry in world.expired if (day - entry[1]).days >= 4]
    world.expired = [entry for entry in world.expired if entry not in due]
    for place, entries in groupby(sorted(due, key=lambda entry: entry[0]), key=lambda entry: entry[0]):
        things = [thing for _, _, thing in entries]
        number = world.number("SC", place, day)
        world.act(
            world.at(day, world.rng.uniform(612, 690)), Step.SCRAP, f"scrap:{number}", world.lead(place), moves(things, "SCRAP"),
            documents={"scrap": number}, reason="expired", witness=world.keeper(place), read_point=place,
        )  # fmt: skip


def hold(world: World, day: date) -> None:
    """Now and then a keeper distrusts a lot on the shelf, and sets it aside."""
    if world.rng.random() > 0.3 * min(1.0, world.scale * 4):
        return
    store = world.rng.choice(sorted(world.stores))
    shelves = [shelf for (place, _), shelf in sorted(world.shelf.items()) if place == store]
    lots = [shelf for shelf in shelves if sum(isinstance(thing, Piece) for thing in shelf) >= 3]
    if not lots:
        return
    shelf = world.rng.choice(lots)
    things = [thing for thing in shelf if thing.batch is shelf[0].batch][: world.rng.randint(1, 6)]
    shelf[:] = [thing for thing in shelf if thing not in things]
    reason, note = world.rng.choice(
        (
            ("damaged", "外包装受潮，待厂家确认"),
            ("suspected", "临床反馈推送阻力大，待核查"),
            ("storage", "温湿度记录缺失，待评估"),
        )
    )
    world.act(world.at(day, 490), Step.HOLD, f"hold:{store}:{day:%y%m%d}", world.keeper(store), moves(things),
              reason=reason, note=note, read_point=store)  # fmt: skip
    world.held.extend((store, day, thing, "held") for thing in things)


def settle(world: World, day: date) -> None:
    """What is on hold is decided after some days: rejects go back, distrusted things are mostly good."""

    def ripe(entry: tuple[str, date, Thing, str]) -> bool:
        return (day - entry[1]).days >= (6 if entry[3] == "rejected" else 9)

    due = [entry for entry in world.held if ripe(entry)]
    world.held = [entry for entry in world.held if not ripe(entry)]
    for (store, since, why), entries in groupby(
        sorted(due, key=lambda entry: (entry[0], entry[1], entry[3])),
        key=lambda entry: (entry[0], entry[1], entry[3]),
    ):
        things = [thing for _, _, thing, _ in entries]
        keeper, code = world.keeper(store), f"{store}:{since:%y%m%d}:{why}:{day:%y%m%d}"
        if why != "held" or world.rng.random() < 0.2 or any(thing.batch.expiry < day for thing in things):
            world.act(world.at(day, 655), Step.SEND_BACK, f"send-back:{code}", keeper, moves(things, "SUPPLIER"),
                      reason="damaged" if why == "rejected" else why, read_point=store)  # fmt: skip
            if why != "rejected":
                world.sent_back(things)
        else:
            lines = [Move(thing) for thing in things]
            world.act(
                world.at(day, 480),
                Step.RELEASE,
                f"release:{code}",
                keeper,
                lines,
                reason="厂家确认合格",
                read_point=store,
            )
            world.put(store, things)


def recall(world: World, day: date, moving: set[Batch]) -> None:
    """The maker calls a lot back that lies in several places; none of it is on its way, which would complicate things."""
    lots: dict[Batch, set[str]] = {}
    count: dict[Batch, int] = {}
    moving = moving | {thing.batch for things in world.returned.values() for thing in things}
    moving |= {thing.batch for _, _, thing, _ in world.held}
    for (place, _), shelf in sorted(world.shelf.items()):
        for thing in shelf:
            if isinstance(thing, Piece) and thing.batch not in moving and thing.cost < 20_000:
                lots.setdefault(thing.batch, set()).add(place)
                count[thing.batch] = count.get(thing.batch, 0) + 1
    if not lots:
        return
    batch = max(lots, key=lambda lot: (len(lots[lot]), count[lot], lot.number))
    papers = {"recall": f"RC-{day:%y%m}-01"}
    for place, things in _shelves(world, lambda thing: thing.batch is batch).items():
        world.act(world.at(day, 1120), Step.RECALL, f"recall:{papers['recall']}:{place}", QUALITY, moves(things),
                  documents=papers, reason="maker_recall", note="生产企业主动召回：标签有效期打印错误",
                  read_point=place)  # fmt: skip
        world.recalled.extend((place, thing) for thing in things)
    world.batches.pop(batch.item, None)
    world.recalled_lot = batch.number


def send_recalled(world: World, day: date) -> None:
    """A week later the stores have sent theirs back; the departments' still wait."""
    stores = [(place, thing) for place, thing in world.recalled if place in world.stores]
    world.recalled = [(place, thing) for place, thing in world.recalled if place not in world.stores]
    world.sent_back([thing for _, thing in stores])
    for place, entries in groupby(stores, key=lambda entry: entry[0]):
        world.act(world.at(day, 850), Step.SEND_BACK, f"send-back:recall:{place}", world.keeper(place),
                  moves([thing for _, thing in entries], "SUPPLIER"), reason="recalled", read_point=place)  # fmt: skip


def lose(world: World, day: date) -> None:
    """A unit cannot be found; a few days later it sometimes turns up behind the others."""
    units = [
        (place, shelf) for (place, _), shelf in sorted(world.shelf.items())
        if place in world.stores and shelf and isinstance(shelf[-1], Piece)
    ]  # fmt: skip
    if not units:
        return
    place, shelf = world.rng.choice(units)
    thing = shelf.pop()
    keeper = world.keeper(place)
    world.act(world.at(day, 495), Step.LOSE, f"lose:{place}:{day:%y%m%d}", keeper, moves([thing], "LOST"),
              reason="not_found", note="拣货时未在货位找到", read_point=place)  # fmt: skip
    later = world.next_working(day, 3)
    if later < world.today and world.rng.random() < 0.6:
        world.act(world.at(later, 496), Step.FIND, f"find:{place}:{later:%y%m%d}", keeper,
                  moves([thing], world.stores[place].returns), reason="found", note="在相邻货位找到",
                  read_point=place)  # fmt: skip
        world.held.append((place, later + timedelta(days=1), thing, "held"))

"""The oracle: the ledger's rules once more, over plain dicts. No Django, no SQL, nothing shared with the product.

Times are minutes of a day; people and places are numbers; an act is refused with a set of (code, thing).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

STORAGE = {"store", "dock", "department", "room", "cabinet", "bin"}
HELD = "inspecting available reserved picked in_use returned"
SENT_BACK = "inspecting available returned quarantined recalled expired"
# step: (from statuses, to status or "" where it is kept, where from, where to or None, at which end the right, what else
# it asks: "stay" may do without a place, "title" makes the hospital the owner, "owner" takes only a supplier's things,
# "said" leaves what stays put in the hands of whoever had it)
RULES: dict[str, tuple[str, str, set[str], set[str] | None, str, str]] = {
    "announce": ("new", "expected", {"supplier"}, None, "any", "said"),
    "receive": ("new expected returned", "inspecting", {"supplier"}, STORAGE, "to", "licence"),
    "accept": ("inspecting", "available", STORAGE, None, "from", "date"),
    "reject": ("inspecting", "quarantined", STORAGE, STORAGE, "from", "reason stay"),
    "put_away": ("available", "available", STORAGE, STORAGE, "from", "cold"),
    "reserve": ("available", "reserved", STORAGE, None, "from", "date said"),
    "unreserve": ("reserved", "available", STORAGE, None, "from", "said"),
    "pick": ("available reserved", "picked", STORAGE, None, "from", "date"),
    "unpick": ("picked", "available", STORAGE, None, "from", ""),
    "issue": ("picked", "in_transit", STORAGE, {"transit"}, "from", "date"),
    "take_in": ("in_transit", "available", {"transit"}, STORAGE, "to", "cold"),
    "set_out": ("available", "in_use", STORAGE, STORAGE, "from", "date stay"),
    "set_back": ("in_use", "available", STORAGE, STORAGE, "from", "cold stay"),
    "use": ("available in_use", "used", STORAGE, {"patient"}, "from", "date patient title"),
    "give_back": ("available in_use", "returned", STORAGE, STORAGE, "from", "cold"),
    "restock": ("returned", "available", STORAGE, None, "from", "date"),
    "hold": (HELD + " in_transit", "quarantined", STORAGE | {"transit"}, STORAGE, "from", "reason stay said"),
    "release": ("quarantined", "available", STORAGE, None, "from", "date reason said"),
    "recall": (
        HELD + " in_transit quarantined expired",
        "recalled",
        STORAGE | {"transit"},
        None,
        "from",
        "reason said",
    ),
    "end_recall": ("recalled", "quarantined", STORAGE | {"transit"}, None, "from", "reason said"),
    "expire": (HELD + " quarantined", "expired", STORAGE, None, "from", "said"),
    "send_back": (SENT_BACK + " explanted", "returned", STORAGE, {"supplier"}, "from", "reason"),
    "lose": (
        HELD + " quarantined recalled expired explanted",
        "lost",
        STORAGE,
        {"lost"},
        "from",
        "reason said",
    ),
    "find": ("lost", "quarantined", {"lost"}, STORAGE, "to", "reason"),
    "scrap": (
        SENT_BACK + " in_use explanted",
        *("scrapped", STORAGE, {"scrap"}, "from", "reason witness"),
    ),
    "ship": ("available picked", "in_transit", STORAGE, {"transit"}, "from", "date"),
    "arrive": ("in_transit", "available", {"transit"}, STORAGE, "to", "cold"),
    "lend": ("available", "available", STORAGE, STORAGE, "from", "date cold"),
    "move": (
        "inspecting in_use returned quarantined recalled expired explanted",
        *("", STORAGE, STORAGE, "from", ""),
    ),
    "take_title": (HELD + " quarantined recalled expired", "", STORAGE, None, "from", "title owner said"),
    "hand_back": (SENT_BACK + " in_use", "returned", STORAGE, {"supplier"}, "from", "owner"),
    "waste": ("available in_use opened", "scrapped", STORAGE, {"scrap"}, "from", "reason title"),
    "explant": ("used", "explanted", {"patient"}, STORAGE, "to", "reason patient"),
    "hand_on": ("explanted", "", STORAGE, STORAGE | {"patient"}, "from", ""),
    "open": ("available", "opened", STORAGE, None, "from", "date"),
    "consume": ("available in_use opened", "used", STORAGE, {"consumed"}, "from", "date title"),
}
# What was held or recalled on its way is so when it arrives.
KEEPS = {"take_in": {"quarantined", "recalled"}, "arrive": {"quarantined", "recalled"}}
BLOCKED = {"used": "already_used", "expired": "expired", "recalled": "recalled", "quarantined": "on_hold"}
DEGREES = {"room": (10, 30), "cool": (0, 20), "refrigerated": (2, 8), "any": (-1000, 1000)}
Offences = set[tuple[str, str]]


@dataclass(frozen=True)
class Thing:
    """A line's thing: ``kind`` is known, new, lot or new_lot; ``name`` an identity, or a lot's own number."""

    kind: str
    name: str
    quantity: int = 1
    source: int = 0  # lot: where it is taken from
    fresh: bool = True  # new: in date, as the label says, and so of lot L1, not L2
    owned: bool = False  # new: by the supplier


@dataclass(frozen=True)
class Act:
    """An act before it is done, in the model's words."""

    step: str
    key: str
    minute: int
    actor: int
    things: tuple[Thing, ...]
    to: int | None = None
    claimed: int | None = None
    reason: bool = True
    witness: int | None = None
    patient: bool = True
    requisition: str = ""
    until: int | None = None
    note: str = ""


@dataclass
class Model:
    """The whole hospital: ``places`` gives (kind, ids from the root, temperature), ``rights`` the roots of each actor."""

    places: dict[int, tuple[str, tuple[int, ...], str]]
    rights: dict[int, set[int]]
    supplier: int
    now: int
    closed: set[int] = field(default_factory=set)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    lots: dict[tuple[str, int, str], int] = field(default_factory=dict)
    keys: dict[str, tuple[Act | str, int]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def levels(self) -> dict[tuple[int, str], int]:
        """How much lies where in which status, units and quantities together."""
        found: dict[tuple[int, str], int] = {}
        for unit in self.units.values():
            end = (unit["place"], unit["status"])
            found[end] = found.get(end, 0) + 1
        for (_, place, status), quantity in self.lots.items():
            if quantity:
                found[place, status] = found.get((place, status), 0) + quantity
        return found

    def post(self, act: Act) -> int | Offences:
        """The number of the event that the act led to, or what stands in its way."""
        if act.key in self.keys:
            first, event = self.keys[act.key]
            return event if first == act else {("key_reused", "")}
        offences = set(self._draft(act))
        moves: list[dict[str, Any]] = []
        left = dict(self.lots)
        seen: set[str] = set()
        for thing in act.things:
            if thing.kind in ("known", "new") and thing.name in seen:
                offences.add(("scanned_twice", thing.name))
            seen.add(thing.name)
            found = list(self._line(act, thing, left, moves))
            offences |= {(code, thing.name) for code in found}
        if offences:
            return offences
        return self._do(act, moves)

    def _draft(self, act: Act) -> Iterator[tuple[str, str]]:
        asks = RULES[act.step][5].split()
        if not act.key:
            yield "key_missing", ""
        if not act.things:
            yield "empty", ""
        if act.minute > self.now + 5:
            yield "in_future", ""
        if "reason" in asks and not act.reason:
            yield "reason_needed", ""
        if "witness" in asks and act.witness is None:
            yield "witness_needed", ""
        if act.witness == act.actor:
            yield "witness_is_actor", ""
        if "patient" in asks and not act.patient:
            yield "patient_needed", ""
        if RULES[act.step][4] == "any" and not self.rights[act.actor]:
            yield "not_yours", ""

    def _line(
        self, act: Act, thing: Thing, left: dict[Any, int], moves: list[dict[str, Any]]
    ) -> Iterator[str]:
        if thing.kind == "lot":
            yield from self._quantity(act, thing, left, moves)
            return
        unit = self.units.get(thing.name) if thing.kind != "new_lot" else None
        if unit is None:
            if thing.kind == "known" or "new" not in RULES[act.step][0].split():
                yield "unknown_unit"
            if thing.kind == "known":
                return
            yield from self._reached(act, "room")
            if RULES[act.step][4] == "to" and act.to in self.places and not self._may(act, act.to):
                yield "not_yours"
            here: dict[str, Any] = {"place": self.supplier, "status": None, "fresh": thing.fresh}
            here["owned"] = thing.owned
        else:
            gone_back = unit["status"] == "returned" and unit["place"] == self.supplier
            if thing.kind == "new" and (
                act.step == "announce" or not (unit["status"] == "expected" or gone_back)
            ):
                yield "duplicate_identity"
                return
            wrong = self._status(act, unit)
            if wrong:
                yield wrong
                return
            yield from self._placed(act, unit["place"], unit["status"])
            yield from self._early(act, unit)
            if "owner" in RULES[act.step][5] and not unit["owned"]:
                yield "not_consigned"
            if "date" in RULES[act.step][5] and not unit["fresh"]:
                yield "expired"
            here = unit
        moves.append(
            {"thing": thing, "here": dict(here), "to": act.to or here["place"], "quantity": thing.quantity}
        )

    def _quantity(
        self, act: Act, thing: Thing, left: dict[Any, int], moves: list[dict[str, Any]]
    ) -> Iterator[str]:
        sources = [
            status for status in RULES[act.step][0].split() if status != "opened"
        ]  # only by its own paper
        found = {
            s: q
            for (name, place, s), q in left.items()
            if (name, place) == (thing.name, thing.source) and s in sources
        }
        found = {s: q for s, q in found.items() if q or self.lots.get((thing.name, thing.source, s))}
        status = max(found, key=lambda s: (found[s], s), default=None)
        stopped = {
            s: q
            for s in ("expired", "recalled", "quarantined")
            if (q := left.get((thing.name, thing.source, s), 0))
        }
        if status is None and stopped and act.step == "use":
            yield BLOCKED[max(stopped, key=lambda s: (stopped[s], s))]
            return
        if status is None or found[status] < thing.quantity:
            yield "not_enough"
            return
        wrong = list(self._placed(act, thing.source, status))
        wrong += ["not_consigned"] if "owner" in RULES[act.step][5] else []
        yield from wrong
        if not wrong:
            left[thing.name, thing.source, status] -= thing.quantity
        here = {"place": thing.source, "status": status, "owned": False}
        moves.append({"thing": thing, "here": here, "to": act.to or thing.source, "quantity": thing.quantity})

    def _status(self, act: Act, unit: dict[str, Any]) -> str:
        sources = RULES[act.step][0].split()
        lapsed = unit["until"] is not None and unit["until"] <= act.minute and "available" in sources
        serves = act.requisition == unit["for"] or (act.step != "reserve" and unit["for"] == "")
        asks = "available" in sources and (act.step == "pick" or "reserved" not in sources)
        if unit["status"] == "reserved" and asks and not lapsed and not serves:
            return "reserved"
        if unit["status"] in sources or (unit["status"] == "reserved" and lapsed):
            return ""
        if unit["status"] in KEEPS.get(act.step, ()) and self.places[unit["place"]][0] in RULES[act.step][2]:
            return ""
        return BLOCKED.get(unit["status"], "wrong_status")

    def _early(self, act: Act, unit: dict[str, Any]) -> Iterator[str]:
        """Nothing happened to what had not come; five minutes are clocks that differ."""
        if act.step != "receive" and act.minute < unit.get("received", act.minute) - 5:
            yield "before_receipt"

    def _placed(self, act: Act, place: int, status: str) -> Iterator[str]:
        _, target, kinds, _, scope, _ = RULES[act.step]
        if act.claimed is not None and act.claimed not in self.places[place][1]:
            yield "elsewhere"
        if self.places[place][0] not in kinds:
            yield "wrong_place"
        if scope == "from" and not self._may(act, place):
            yield "not_yours"
        if scope == "to" and act.to in self.places and not self._may(act, act.to):
            yield "not_yours"
        if act.to == place and RULES[act.step][3] is not None and status == (target or status):
            yield "same_place"
        yield from self._reached(act, "room")

    def _reached(self, act: Act, needed: str) -> Iterator[str]:
        kinds, asks = RULES[act.step][3], RULES[act.step][5]
        if act.to is None and (kinds is None or "stay" in asks):
            return
        if kinds is None:
            yield "wrong_place"
        elif act.to not in self.places or act.to in self.closed:
            yield "unknown_place"
        elif self.places[act.to][0] not in kinds:
            yield "wrong_place"
        elif "cold" in asks:
            (low, high), (coldest, warmest) = DEGREES[needed], DEGREES[self.places[act.to][2]]
            if coldest < low or warmest > high:
                yield "wrong_temperature"

    def _may(self, act: Act, place: int) -> bool:
        return bool(self.rights[act.actor] & set(self.places[place][1]))

    def _do(self, act: Act, moves: list[dict[str, Any]]) -> int:
        target = RULES[act.step][1]
        done = []
        for move in moves:
            reserving = act.step == "reserve"
            thing, here = move["thing"], move["here"]
            there = {
                "place": move["to"],
                "status": here["status"]
                if here["status"] in KEEPS.get(act.step, ())
                else target or here["status"],
                "owned": (thing.owned if thing.kind == "new" else here["owned"])
                and "title" not in RULES[act.step][5],
                # What is printed on a thing is believed rather than what announced it.
                "fresh": thing.fresh if thing.kind == "new" else here.get("fresh"),
                "for": act.requisition if reserving else "",
                "until": act.until if reserving else None,
                "hand": self._hand(act, here, move["to"]),
            }
            if act.step == "receive":
                there["received"] = act.minute
            done.append(self._move(thing, here, there, move["quantity"]))
        self.events.append({"step": act.step, "moves": done, "corrected": False})
        self.keys[act.key] = (act, len(self.events) - 1)
        return len(self.events) - 1

    def _hand(self, act: Act, here: dict[str, Any], to: int) -> int | None:
        """Who has it afterwards: nobody what left the house, who had it where nothing moved and it was only spoken of."""
        if self.places[to][0] not in STORAGE | {"transit"}:
            return None
        spoken_of = "said" in RULES[act.step][5] and to == here["place"]
        return here.get("hand") if spoken_of else act.actor

    def _move(
        self, thing: Thing, here: dict[str, Any], there: dict[str, Any], quantity: int
    ) -> dict[str, Any]:
        if thing.kind in ("lot", "new_lot"):
            if here["status"]:
                self.lots[thing.name, here["place"], here["status"]] -= quantity
            end = (thing.name, there["place"], there["status"])
            self.lots[end] = self.lots.get(end, 0) + quantity
            return {"thing": thing, "here": here, "there": there, "quantity": quantity, "seq": None}
        unit = self.units.setdefault(thing.name, {"seq": 0})
        unit.update(there, seq=unit["seq"] + 1)
        return {"thing": thing, "here": here, "there": there, "quantity": 1, "seq": unit["seq"]}

    def _moved_on(self, event: int, name: str) -> bool:
        """Whether something came later that still stands: neither taken back nor a taking back."""
        return any(
            not entry["corrected"] and entry["step"] != "correct"
            for entry in self.events[event + 1 :]
            if any(move["thing"].name == name and move["seq"] is not None for move in entry["moves"])
        )

    def _against(self, event: int, actor: int) -> Offences:
        offences: Offences = set()
        for move in self.events[event]["moves"]:
            name, counted = move["thing"].name, move["seq"] is None
            if not counted and self._moved_on(event, name):
                offences.add(("moved_on", name))
            ends = {*self.places[move["there"]["place"]][1], *self.places[move["here"]["place"]][1]}
            if not self.rights[actor] & ends:
                offences.add(("not_yours", "" if counted else name))
        return offences

    def _gone(self, entry: dict[str, Any]) -> bool:
        """Whether less lies there than the entry once brought."""
        needed: dict[tuple[str, int, str], int] = {}
        for move in entry["moves"]:
            if move["seq"] is None:
                end = (move["thing"].name, move["there"]["place"], move["there"]["status"])
                needed[end] = needed.get(end, 0) + move["quantity"]
        return any(self.lots.get(end, 0) < quantity for end, quantity in needed.items())

    def correct(
        self, event: int, key: str, actor: int, minute: int, *, reason: bool = True
    ) -> int | Offences:
        """The number of the event that takes another back, or what stands in the way."""
        name = f"correct {event}"
        if key in self.keys:
            first, done = self.keys[key]
            return done if first == name else {("key_reused", "")}
        entry = self.events[event]
        if entry["corrected"]:
            return {("already_corrected", "")}
        if entry["step"] in ("announce", "correct", "end_recall"):
            return {("cannot_correct", "")}
        offences = self._against(event, actor) | (set() if reason else {("reason_needed", "")})
        if offences:
            return offences
        if self._gone(entry):
            return {("not_enough", "")}
        done = []
        for move in entry["moves"]:
            status = move["here"]["status"] or "expected"
            back = {
                "place": move["here"]["place"],
                "status": status,
                "for": "",
                "owned": move["here"]["owned"],
                "fresh": move["here"].get("fresh"),
                "hand": move["here"].get("hand"),
            }
            back["until"] = minute if status == "reserved" else None
            thing = Thing("known" if move["seq"] is not None else "lot", move["thing"].name)
            done.append(self._move(thing, move["there"], back, move["quantity"]))
        entry["corrected"] = True
        self.events.append({"step": "correct", "moves": done, "corrected": False})
        self.keys[key] = (name, len(self.events) - 1)
        return len(self.events) - 1

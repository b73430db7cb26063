"""What the pages of transfers do, as ``test_done`` asks of every act: who, where, what is sent, what is said."""

from typing import Any

from tests.makers import unique
from yanji.flows.requisition import Wanted
from yanji.flows.transfer.arrive import arrive
from yanji.flows.transfer.models import Shipment, Transfer
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.request import ask_transfer
from yanji.flows.transfer.ship import ship
from yanji.places.models import Kind, Place

from .acts import key, listed
from .world import World, named, someone

ROOT = "/storeroom/transfers"


def east(world: World) -> Place:
    """A store at another campus, made once."""
    found = Place.objects.filter(code="EAST-STORE").first()
    group = Place.objects.get(kind=Kind.GROUP)
    return found or named(
        Kind.STORE,
        named(Kind.CAMPUS, group, "东院", "East", code="EAST"),
        "东院库",
        "East Store",
        code="EAST-STORE",
    )


def asked(site: Any) -> int:
    world: World = site.world
    pieces = len(site.epcs)
    world.stocked(*[epc.rpartition("/")[2] for epc in site.epcs])
    return ask_transfer(
        actor=world.actor("storekeeper"), key=unique("tr"), source_id=world.store.pk, destination_id=east(world).pk,
        lines=[Wanted(world.item.pk, pieces)],
    ).id  # fmt: skip


def picked(site: Any) -> int:
    number = asked(site)
    pick_transfer(
        actor=site.world.actor("storekeeper"), key=unique("p"), transfer_id=number, things=site.epcs
    )
    return number


def sent(site: Any) -> int:
    number = picked(site)
    ship(actor=site.world.actor("storekeeper"), key=unique("s"), transfer_id=number, handed_to="Van")
    return number


def sent_by_another(site: Any) -> int:
    """Nobody gives up a load of their own."""
    number = sent(site)
    other = someone("storekeeper", "高", "Gao", site.world.campus)
    Shipment.objects.filter(transfer_id=number).update(actor=other)
    return number


def arrived(site: Any) -> int:
    number = sent(site)
    arrive(
        actor=site.world.actor("storekeeper"),
        key=unique("a"),
        transfer_id=number,
        to_place_id=east(site.world).pk,
    )
    return number


def _number() -> str:
    return Transfer.objects.latest("id").number


ACTS: dict[str, Any] = {
    "storeroom:new_transfer": (
        "storekeeper", lambda s: f"{ROOT}/new",
        lambda s: s.lines("transfer", source_id=s.world.store.pk, destination_id=east(s.world).pk), _number, "",
    ),
    "storeroom:transfer_pick": (
        "storekeeper", lambda s: f"{ROOT}/{asked(s)}/pick", lambda s: s.rows("pick"), lambda: "2 things", "",
    ),
    "storeroom:transfer_put_back": (
        "storekeeper", lambda s: f"{ROOT}/{picked(s)}/put-back", lambda s: {"key": key("unpick"), "epc": s.epcs[0]},
        lambda: "1 thing", "",
    ),
    "storeroom:transfer_ship": (
        "storekeeper", lambda s: f"{ROOT}/{picked(s)}/ship", lambda s: {"key": key("ship"), "handed_to": "Van"}, _number, "",
    ),
    "storeroom:transfer_arrive": (
        "storekeeper", lambda s: f"{ROOT}/{sent(s)}/arrive",
        lambda s: {"key": key("arrive"), "to_place_id": east(s.world).pk, "all": "1"}, _number, "/storeroom/put-away",
    ),
    "storeroom:transfer_give_up": (
        "storekeeper", lambda s: f"{ROOT}/{sent_by_another(s)}/give-up",
        lambda s: {"key": key("give_up"), "thing": s.epcs, "reason": "other"}, _number, "",
    ),
    "storeroom:close_transfer": (
        "storekeeper", lambda s: f"{ROOT}/{arrived(s)}/close", lambda s: {"key": key("close")}, _number, "",
    ),
    "storeroom:cancel_transfer": (
        "storekeeper", lambda s: f"{ROOT}/{sent(s)}/cancel", lambda s: {"key": key("cancel"), "reason": "other"}, _number, "",
    ),
}  # fmt: skip

# (who, where, what is sent or nothing) of the pages whose statements are counted, for one unit and for a hundred.
WALKS: dict[str, Any] = {
    "storeroom:transfers": ("storekeeper", lambda s: sent(s) and ROOT, lambda s: {}),
    "storeroom:transfers_scan": ("storekeeper", lambda s: sent(s) and f"{ROOT}/scan", lambda s: {"scan": s.scans[0]}),
    "storeroom:transfer": ("storekeeper", lambda s: f"{ROOT}/{sent(s)}", lambda s: {}),
    "storeroom:transfer_pick": ("storekeeper", lambda s: f"{ROOT}/{picked(s)}/pick", lambda s: {}),
    "storeroom:transfer_pick_scan": (
        "storekeeper", lambda s: f"{ROOT}/{asked(s)}/pick/scan", lambda s: {"scan": s.scans[0]},
    ),
    "storeroom:transfer_arrive": ("storekeeper", lambda s: f"{ROOT}/{sent(s)}/arrive", lambda s: {}),
    "storeroom:transfer_arrive refused": (
        "storekeeper", lambda s: f"{ROOT}/{sent(s)}/arrive", lambda s: {"key": key("arrive"), **listed(s.world, *s.scans)},
    ),
    "storeroom:transfer_arrive_scan": (
        "storekeeper", lambda s: f"{ROOT}/{sent(s)}/arrive/scan", lambda s: {"scan": s.scans[0], "to_place_id": east(s.world).pk},
    ),
}  # fmt: skip

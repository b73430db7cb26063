"""Two campuses with a store each, and a storekeeper at either end of the way."""

from dataclasses import dataclass
from typing import Any

from tests.flows.site import Site, person
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.catalog.models import Item
from yanji.flows.acts import Done
from yanji.flows.requisition import Wanted
from yanji.flows.transfer.models import Transfer
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.request import ask_transfer
from yanji.flows.transfer.ship import ship
from yanji.places.models import Kind, Place


@dataclass(frozen=True)
class Way:
    """From the site's store to ``store`` at another campus, where ``far`` works."""

    here: Site
    store: Place
    shelf: Place
    fridge: Place
    far: Person

    @property
    def receiver(self) -> Actor:
        return self.here.actor(self.far)

    @property
    def sender(self) -> Actor:
        return self.here.keeper

    def asked(self, *lines: tuple[Item, int], **fields: Any) -> Done:
        """A transfer, asked for by who will receive it."""
        wanted = [Wanted(item.pk, pieces) for item, pieces in lines or ((self.here.h.item, 2),)]
        return ask_transfer(
            actor=self.receiver, key=unique("tr"), source_id=self.here.h.store.pk, destination_id=self.store.pk,
            lines=wanted, **fields,
        )  # fmt: skip

    def picked(self, things: list[Any], *lines: tuple[Item, int]) -> Done:
        done = self.asked(*(lines or ((self.here.h.item, len(things)),)))
        return pick_transfer(actor=self.sender, key=unique("p"), transfer_id=done.id, things=things)

    def sent(self, things: list[Any], *lines: tuple[Item, int], **fields: Any) -> Done:
        """Picked and on its way."""
        done = self.picked(things, *lines)
        return ship(
            actor=self.sender, key=unique("s"), transfer_id=done.id, **{"handed_to": "Van 7", **fields}
        )

    def transfer(self, done: Done) -> Transfer:
        return Transfer.objects.get(pk=done.id)


def way(here: Site) -> Way:
    campus = place(Kind.CAMPUS)
    store = place(Kind.STORE, campus)
    return Way(
        here,
        store,
        place(Kind.BIN, store),
        place(Kind.CABINET, store, temperature_class="refrigerated"),
        person("storekeeper", campus),
    )

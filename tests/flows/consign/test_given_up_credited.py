"""What a supplier owned and was given up on its way is the supplier's again once that is taken back, and not owed."""

from decimal import Decimal

from tests.flows.test_given_up_again import back, gone
from tests.flows.theatre.room import Room
from tests.flows.transferring import way
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.models import Payable
from yanji.ledger.api import rebuild, unit_view


def test_what_a_supplier_owned_is_theirs_again_and_credited(room: Room) -> None:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])
    to, coming = way(room.here), room.here.arrival()
    room.receive_consigned(coming)
    room.agreement_at(to.store)
    sent = to.sent([coming.epc])
    event = gone(to, sent, [coming.epc])
    assert unit_view(coming.epc).owner_id is None
    back(to.receiver, event)
    unit = unit_view(coming.epc)
    assert (unit.status, unit.owner_id) == ("in_transit", room.here.h.supplier.pk)
    assert [owed.sign for owed in Payable.objects.order_by("pk")] == [1, -1]
    assert rebuild() == []

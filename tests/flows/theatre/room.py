"""A theatre in the small hospital: units in its cabinet, cases, people, codes to charge under, a supplier's own goods."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tests.flows.site import Site, person
from tests.makers import days_ago, everything, unique
from yanji.access.actor import Actor
from yanji.catalog.models import BillingCode, Item, Price
from yanji.flows.acts import Done
from yanji.flows.consign.agreements import save_agreement
from yanji.flows.consign.goods import receive_consigned
from yanji.flows.consign.models import AgreementVersion
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Case
from yanji.flows.pick import pick
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival
from yanji.flows.sendback.consigned import hand_back_goods
from yanji.flows.theatre.after import Implanted
from yanji.flows.theatre.cart import set_out
from yanji.flows.use import plan_case, use
from yanji.places.models import Place


@dataclass(frozen=True)
class Room:
    """The site with a theatre at work."""

    here: Site

    @property
    def nurse(self) -> Actor:
        return self.here.ward

    @property
    def keeper(self) -> Actor:
        return self.here.keeper

    @property
    def buyer(self) -> Actor:
        return self.here.purchasing

    def units(self, count: int, **fields: Any) -> list[str]:
        """Units in the theatre's cabinet."""
        h = self.here.h
        epcs = self.here.stocked(count, **fields)
        wanted = self.here.requisition((h.item, count))
        pick(actor=self.keeper, key=unique("p"), requisition_id=wanted.id, things=epcs)
        done = issue(actor=self.keeper, key=unique("i"), requisition_id=wanted.id)
        take_in(actor=self.nurse, key=unique("t"), issue_id=done.id, to_place_id=h.cabinet.pk)
        return epcs

    def case(self, **fields: Any) -> Case:
        given = {
            "number": unique("CASE"),
            "patient_token": unique("PT"),
            "procedure": "PCI",
            "operator": "Dr. Chen",
        }
        done = plan_case(
            actor=self.nurse, key=unique("c"), department_id=self.here.h.department.pk, **{**given, **fields}
        )
        return Case.objects.get(pk=done.id)

    def out(self, case: Case, *things: Any, **fields: Any) -> Done:
        return set_out(actor=self.nurse, key=unique("o"), case_id=case.pk, things=list(things), **fields)

    def use(self, case: Case, *things: Any, **fields: Any) -> Done:
        return use(
            actor=self.nurse, key=unique("u"), department_id=self.here.h.department.pk, case_number=case.number,
            patient_token=case.patient_token, confirmed_by=case.patient_token, things=list(things), **fields,
        )  # fmt: skip

    def implanted(self, case: Case, epc: str, site: str = "LAD", side: str = "left") -> Done:
        return self.use(case, epc, implants=[Implanted(epc, site, side)])

    def code(
        self, item: Item | None = None, kind: str = "charge", days: int = 30, **fields: Any
    ) -> BillingCode:
        """A billing code that has held for some days."""
        day = timezone.localdate() - timedelta(days=days)
        given = {"code": unique("HC"), "valid_from": day, **fields}
        return BillingCode.objects.create(item=item or self.here.h.item, kind=kind, **given)

    def price(self, amount: int = 1200) -> Price:
        day = timezone.localdate() - timedelta(days=400)
        return Price.objects.create(
            item=self.here.h.item, supplier=self.here.h.supplier, amount=amount, valid_from=day
        )

    def agreement(self, **fields: Any) -> Done:
        day = timezone.localdate() - timedelta(days=100)
        given = {"supplier_id": self.here.h.supplier.pk, "place_id": self.here.h.campus.pk, "valid_from": day}
        return save_agreement(**{"actor": self.buyer, "key": unique("a"), **given, **fields})

    def agreement_at(self, there: Place) -> Done:
        """An agreement for a place at which the room's own people may write none."""
        return self.agreement(actor=everything(there, self.here.buyer), place_id=there.pk)

    def end(self, agreement: int) -> None:
        """An agreement that never was: what it would be asked for is asked of the next."""
        day = timezone.localdate() - timedelta(days=99)
        AgreementVersion.objects.filter(agreement=agreement).update(valid_to=day)

    def consigned(self, count: int = 1, *, ago: int = 0, **fields: Any) -> list[str]:
        """A supplier's units in the theatre's cabinet, so many days after they came; the agreement must have held."""
        h = self.here.h
        arrivals = [self.here.arrival(**fields) for _ in range(count)]
        self.receive_consigned(*arrivals, **({"arrived_at": days_ago(ago)} if ago else {}))
        epcs = [arrival.epc for arrival in arrivals]
        put_away(actor=self.keeper, key=unique("w"), things=epcs, to_place_id=h.cabinet.pk)
        return epcs

    def receive_consigned(self, *arrivals: Arrival, **fields: Any) -> Done:
        h = self.here.h
        given = {"supplier_id": h.supplier.pk, "dock_id": h.store.pk, "arrivals": list(arrivals)}
        return receive_consigned(actor=self.keeper, **{"key": unique("r"), **given, **fields})

    def hand_back(self, place_id: int, *things: Any, **fields: Any) -> Done:
        """Its supplier's own man stands at the door and takes it."""
        given = {
            "actor": self.keeper, "reason": "not_needed", "authorisation": "RMA-9", "handed_to": "Courier",
        }  # fmt: skip
        return hand_back_goods(key=unique("b"), place_id=place_id, things=list(things), **{**given, **fields})

    def approver(self) -> Actor:
        return self.here.actor(person("approver", self.here.h.campus))


def last_month() -> date:
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=15)

"""What an act is about, as people call it, and whether somebody may work on it at all."""

from collections.abc import Callable
from typing import Any

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.places.models import Kind, Place

from ..consign.loans import loan_set_for
from ..counting.gate import count_for
from ..gates import case_for, issue_for, notice_for, order_for, other_end, place_at, requisition_for
from ..sendback.gate import supplier_return_for
from ..transfer.gate import transfer_for
from .about import About
from .boxes import box_named, kit_named
from .way import Way
from .ways_lending import lending_side


def named(about: About, way: Way, actor: Actor) -> dict[str, str]:
    """What the act is about, as people call it: field -> name. Raises :class:`NotFound` or :class:`Refused` for what the actor
    may not work on. One statement for each."""
    found: dict[str, str] = {}
    if way.asks_store and about.from_place_id:
        found["from_place_id"] = other_end(about.from_place_id, kinds=(Kind.STORE,)).name
    if about.place_id:
        found["place_id"] = place_for_way(actor, about.place_id, way).name
    if way.asks_supplier and about.supplier_id:
        if not (supplier := Supplier.objects.filter(pk=about.supplier_id, active=True).first()):
            raise NotFound("supplier")
        found["supplier_id"] = supplier.name
    if way.takes_box and about.box:
        found["box"] = box_named(actor, about.box, may=way.operation)
    if way.takes_box and about.kit_id:
        found["kit_id"] = kit_named(about.kit_id)
    for kind in way.documents:
        if key := about.document(kind):
            paper = GATES[kind](actor, key, may=way.asks_of(kind))
            # Whose it is stands there: a number alone says nothing to who looks at a patient.
            said = (paper.number, paper.patient_token, paper.procedure) if kind == "case" else (paper.number,)
            found[f"{kind}_id"] = " · ".join(filter(None, said))
    return found


def place_for_way(actor: Actor, place_id: int, way: Way) -> Place:
    """A place that the act may take things to: one's own, and any of others where it goes to these."""
    if way.whither:
        return other_end(place_id, kinds=way.whither)
    return place_at(actor, place_id, may=way.operation)


GATES: dict[str, Callable[..., Any]] = {
    "order": order_for, "notice": notice_for, "requisition": requisition_for, "issue": issue_for, "case": case_for,
    "count": count_for, "transfer": transfer_for, "supplier_return": supplier_return_for, "lending": lending_side,
    "loan_set": loan_set_for,
}  # fmt: skip

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
from ..opened.piece import piece_for
from ..sendback.gate import supplier_return_for
from ..transfer.gate import transfer_for
from ..waves.walk import wave_for
from .about import About
from .boxes import box_named, kit_named
from .way import Way
from .ways_lending import lending_side
from .ways_opened import vial_named


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
    for kind in way.papers:
        if key := about.document(kind):
            found[f"{kind}_id"] = _called(kind, GATES[kind](actor, key, may=way.asks_of(kind)), actor)
    return found


def _called(kind: str, paper: Any, actor: Actor) -> str:
    """Whose it is stands there, and what is in it: a number alone says nothing to who looks at a patient, or at a vial. Who may
    see no patients there is told where it is, and not even its number. Pure."""
    if kind == "case" and not actor.may("view_patient", paper.department.path):
        return paper.department.name
    if kind == "case":
        return " · ".join(filter(None, (paper.number, paper.patient_token, paper.procedure)))
    return f"{paper.number} · {vial_named(paper)}" if kind == "opened" else paper.number


def place_for_way(actor: Actor, place_id: int, way: Way) -> Place:
    """A place that the act may take things to: one's own, and any of others where it goes to these."""
    if way.whither:
        return other_end(place_id, kinds=way.whither)
    return place_at(actor, place_id, may=way.operation)


GATES: dict[str, Callable[..., Any]] = {
    "order": order_for, "notice": notice_for, "requisition": requisition_for, "issue": issue_for, "case": case_for,
    "count": count_for, "transfer": transfer_for, "supplier_return": supplier_return_for, "wave": wave_for,
    "lending": lending_side, "loan_set": loan_set_for, "opened": piece_for,
}  # fmt: skip

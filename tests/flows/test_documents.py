"""The one table of what documents allow: every kind with a state of its own is in it, whole, and nothing else is."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from django.apps import apps
from django.db.models import Model, TextChoices

import yanji.flows
from yanji.flows.documents import DOCUMENT_MOVES, allow, reached
from yanji.flows.states import ChangeState, StandingState
from yanji.ledger.api import Refused

# Each model that is somewhere on its way -> its kind in the table.
KIND_OF = {
    "agreementending": "agreement_ending", "approval": "approval", "cabinetcase": "cabinet_case", "case": "case",
    "chargeline": "charge", "consignmentagreement": "agreement", "consignmentreceipt": "consignment_receipt",
    "contract": "contract", "count": "count", "creditnote": "credit_note",
    "departmentreturn": "department_return", "disposal": "disposal",
    "emergencyuse": "emergency_use", "firstinvoice": "first_invoice", "handover": "handover", "hold": "payment_hold",
    "implant": "implant", "importpaper": "import_paper", "invoice": "invoice", "issue": "issue",
    "issuedifference": "issue_difference", "kitpick": "kit_pick", "landedcost": "landed_cost",
    "lending": "lending", "lineanswer": "line_answer", "loanset": "loan_set", "loansetcycle": "cycle",
    "lotrecall": "lot_recall", "offeredpaper": "offered_paper", "openedpiece": "opened",
    "orderchange": "order_change", "purchaseorder": "order", "purchaserequest": "purchase_request",
    "receipt": "receipt", "requisition": "requisition", "settlement": "settlement", "settleup": "settle_up",
    "shipnotice": "notice", "supplierreturn": "supplier_return", "titlenote": "title_note", "transfer": "transfer",
    "wave": "wave",
}  # fmt: skip
# What says how far something has come, or that something has become of it.
COLUMNS = {"state", "outcome", "settled", "decision"}
ENDS = [
    "voided_at", "ended_at", "withdrawn_at", "settled_at", "confirmed_at", "decided_at", "lifted_at", "taken_back_at",
    "closed_at", "verified_at",
]  # fmt: skip
# A variance is a line of its count, decided and posted by the count's own verbs. What the scan page sent is a message under its
# key, asked until it is answered: what it may do, the verb that it asks for says. A passage is what a reader saw, and no paper.
NO_DOCUMENTS = {"variance", "sentact", "passage"}


def on_their_way() -> Iterator[type[Model]]:
    for model in apps.get_app_config("flows").get_models():
        chosen = {field.name for field in model._meta.get_fields() if getattr(field, "choices", None)}
        names = {field.name for field in model._meta.get_fields()}
        if chosen & COLUMNS or names.intersection(ENDS) or hasattr(model, "state"):
            yield model


def states_of(model: type[Model]) -> set[str]:
    """What a model's state may be: by its column, or by the property that reads it from others."""
    of_property = getattr(model, "state", None)
    if isinstance(of_property, property):
        found: type[TextChoices] = get_type_hints(of_property.fget)["return"]
        return set(found.values)
    name = "state" if hasattr(model, "state") else "settled"
    return {value for value, _label in model._meta.get_field(name).choices or ()}


def test_every_model_that_is_somewhere_on_its_way_is_in_the_table() -> None:
    found = {model._meta.model_name for model in on_their_way()} - NO_DOCUMENTS
    assert found == KIND_OF.keys()
    assert {kind for kind, _verb in DOCUMENT_MOVES} == set(KIND_OF.values())


@pytest.mark.parametrize(("model", "kind"), KIND_OF.items())
def test_a_kind_of_the_table_knows_every_state_of_its_model(model: str, kind: str) -> None:
    rows = [move for (of, _verb), move in DOCUMENT_MOVES.items() if of == kind]
    named = {str(state) for move in rows for state in move.sources | move.targets}
    assert named == states_of(apps.get_model("flows", model))


def test_no_row_of_the_table_is_there_for_nobody() -> None:
    said: set[str] = set()
    for module in Path(yanji.flows.__file__).parent.rglob("*.py"):
        if module.name != "documents.py":
            tree = ast.parse(module.read_text())
            said |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    assert {word for row in DOCUMENT_MOVES for word in row} <= said


def test_what_the_table_does_not_allow_is_refused_and_what_it_does_not_name_is_a_bug() -> None:
    allow("order_change", "approve", number="PO-1", state=ChangeState.WAITING, label="")
    for kind, code in (("order_change", "document_closed"), ("receipt", "already_corrected")):
        verb, state = (
            ("approve", ChangeState.APPLIED)
            if kind == "order_change"
            else ("take_back", StandingState.VOIDED)
        )
        with pytest.raises(Refused) as refused:
            allow(kind, verb, number="1", state=state, label=str(state.label))
        assert refused.value.code == code
    with pytest.raises(AssertionError):
        reached("order_change", "approve", ChangeState.WITHDRAWN)

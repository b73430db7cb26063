"""What proves that a delivery was imported as the law asks."""

from datetime import date
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from yanji.flows.gates import receipt_for
from yanji.flows.import_papers import keep_import_paper, void_import_paper

from .auth import actor
from .orders import WhyIn
from .shapes import Answer, Code, Id, Key, Shape, answered, may_fail

router = Router(tags=["invoices"])


class ImportPaperIn(Shape):
    key: Key
    kind: Literal["customs", "inspection"]
    number: Code
    issued_on: date


class ImportPaperOut(Schema):
    """``state``: stands or voided."""

    id: int
    state: str
    kind: str
    number: str
    issued_on: date
    voided_because: str


@router.get("/receipts/{receipt_id}/import-papers", response=may_fail(list[ImportPaperOut]))
def list_import_papers(request: HttpRequest, receipt_id: Id) -> list[ImportPaperOut]:
    """The customs declarations and inspection certificates that came with a delivery."""
    papers = receipt_for(actor(request), receipt_id).import_papers.order_by("pk")
    return [
        ImportPaperOut(
            id=row.pk, state=row.state, kind=row.kind, number=row.number, issued_on=row.issued_on,
            voided_because=row.voided_because,
        )
        for row in papers
    ]  # fmt: skip


@router.post("/receipts/{receipt_id}/import-papers", response=may_fail(Answer))
def keep_import(request: HttpRequest, receipt_id: Id, payload: ImportPaperIn) -> Answer:
    """Keep an import paper of a delivery; its picture is attached to the receipt."""
    return answered(keep_import_paper(actor=actor(request), receipt_id=receipt_id, **payload.model_dump()))


@router.post("/import-papers/{import_paper_id}/void", response=may_fail(Answer))
def void_import(request: HttpRequest, import_paper_id: Id, payload: WhyIn) -> Answer:
    """It was kept wrongly and counts no more."""
    return answered(void_import_paper(actor=actor(request), paper_id=import_paper_id, **payload.model_dump()))

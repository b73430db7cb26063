"""Any document as a sheet, with what was said about it and attached to it: one set of addresses for all kinds."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import StringConstraints

from yanji.flows.models_papers import Attachment
from yanji.flows.paper_pdf import paper_file
from yanji.flows.papers import papers, sheet_of
from yanji.flows.trail import (
    MAX_ATTACHMENT_BYTES,
    attach,
    attached,
    download_headers,
    remark,
    trail,
    withdraw,
)

from .auth import actor
from .shapes import ERRORS, Answer, Code, ErrorOut, Id, Key, Reason, Shape, answered, may_fail

router = Router(tags=["papers"])
CellOut = str | int | Decimal | datetime | date | None


class KindOut(Schema):
    kind: str
    label: str


@router.get("/papers", response=may_fail(list[KindOut]))
def list_kinds(request: HttpRequest) -> list[KindOut]:
    """The kinds of documents that the addresses below know."""
    return [KindOut(kind=paper.kind, label=str(paper.label)) for paper in papers()]


class FactOut(Schema):
    label: str
    value: CellOut


class SectionOut(Schema):
    title: str
    columns: list[str]
    rows: list[list[CellOut]]
    total: list[CellOut]


class SheetOut(Schema):
    """A document as it is printed, in the request's language."""

    title: str
    number: str
    state: str
    head: str
    facts: list[FactOut]
    sections: list[SectionOut]
    signatures: list[str]
    note: str


@router.get("/papers/{paper}/{document_id}", response=may_fail(SheetOut))
def one_sheet(
    request: HttpRequest, paper: Code, document_id: Id, policy: Literal["fefo", "fifo"] = "fefo"
) -> SheetOut:
    """One document as a sheet. ``policy``: whose turn it is, on the pick list of a requisition or a transfer."""
    sheet = sheet_of(actor(request), paper, document_id, policy)
    return SheetOut(
        title=sheet.title, number=sheet.number, state=sheet.state, head=sheet.head,
        facts=[FactOut(label=label, value=value) for label, value in sheet.facts],
        sections=[
            SectionOut(
                title=each.title, columns=list(each.columns), rows=[list(row) for row in each.rows],
                total=list(each.total),
            )
            for each in sheet.sections
        ],
        signatures=list(sheet.signatures), note=sheet.note,
    )  # fmt: skip


PDF = {"responses": {200: {"description": "A PDF", "content": {"application/pdf": {}}}}}


@router.get("/papers/{paper}/{document_id}/print.pdf", response={ERRORS: ErrorOut}, openapi_extra=PDF)
def sheet_as_pdf(
    request: HttpRequest, paper: Code, document_id: Id, policy: Literal["fefo", "fifo"] = "fefo"
) -> HttpResponse:
    """One document as a PDF in the request's language: A4, its number and its page as symbols. ``policy``: as of the sheet."""
    _number, content = paper_file(actor(request), paper, document_id, policy, request.build_absolute_uri)
    return HttpResponse(content, content_type="application/pdf")


class RemarkOut(Schema):
    id: int
    text: str
    person: str
    at: datetime


@router.get("/papers/{paper}/{document_id}/remarks", response=may_fail(list[RemarkOut]))
def list_remarks(request: HttpRequest, paper: Code, document_id: Id) -> list[RemarkOut]:
    """What was said about a document, oldest first."""
    return [
        RemarkOut(id=each.pk, text=each.text, person=each.actor.name, at=each.at)
        for each in trail(actor(request), paper, document_id).remarks
    ]


class RemarkIn(Shape):
    key: Key
    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


@router.post("/papers/{paper}/{document_id}/remarks", response=may_fail(Answer))
def say(request: HttpRequest, paper: Code, document_id: Id, payload: RemarkIn) -> Answer:
    """Say something about a document."""
    return answered(remark(actor=actor(request), kind=paper, document_id=document_id, **payload.model_dump()))


class AttachmentOut(Schema):
    """``withdrawn``: why it is not to be used, empty where it is."""

    id: int
    name: str
    content_type: str
    size: int
    sha256: str
    person: str
    at: datetime
    withdrawn: str


def _attachment(each: Attachment) -> AttachmentOut:
    withdrawal = getattr(each, "withdrawal", None)
    return AttachmentOut(
        id=each.pk, name=each.name, content_type=each.content_type, size=each.size, sha256=each.sha256,
        person=each.actor.name, at=each.at, withdrawn=withdrawal.reason if withdrawal else "",
    )  # fmt: skip


@router.get("/papers/{paper}/{document_id}/attachments", response=may_fail(list[AttachmentOut]))
def list_attachments(request: HttpRequest, paper: Code, document_id: Id) -> list[AttachmentOut]:
    """The files of a document, oldest first, withdrawn ones too."""
    return [_attachment(each) for each in trail(actor(request), paper, document_id).attachments]


@router.post("/papers/{paper}/{document_id}/attachments", response=may_fail(Answer))
def attach_file(
    request: HttpRequest, paper: Code, document_id: Id, key: Form[Key], file: File[UploadedFile]
) -> Answer:
    """Attach a file of at most 10 MB: PDF, JPEG, PNG, WebP, text, CSV or XLSX. ``facts``: how it is kept."""
    content = file.read(MAX_ATTACHMENT_BYTES + 1)
    name = (file.name or "")[-255:]
    return answered(
        attach(
            actor=actor(request),
            key=key,
            kind=paper,
            document_id=document_id,
            file_name=name,
            content=content,
        )
    )


ANY_FILE = {
    "responses": {200: {"description": "The file", "content": {"application/octet-stream": {}}}},
}


@router.get(
    "/papers/{paper}/{document_id}/attachments/{attachment_id}",
    response=may_fail(None),
    openapi_extra=ANY_FILE,
)
def get_file(request: HttpRequest, paper: Code, document_id: Id, attachment_id: Id) -> HttpResponse:
    """The file itself."""
    file = attached(actor(request), paper, document_id, attachment_id)
    return HttpResponse(bytes(file.content), headers=download_headers(file))


class WithdrawIn(Shape):
    key: Key
    reason: Reason


@router.post("/papers/{paper}/{document_id}/attachments/{attachment_id}/withdraw", response=may_fail(Answer))
def take_out(
    request: HttpRequest, paper: Code, document_id: Id, attachment_id: Id, payload: WithdrawIn
) -> Answer:
    """Say that a file is not to be used. It stays in the record."""
    given = payload.model_dump()
    return answered(
        withdraw(
            actor=actor(request), kind=paper, document_id=document_id, attachment_id=attachment_id, **given
        )
    )

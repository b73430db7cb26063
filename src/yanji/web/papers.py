"""What every document's page shares: its trail of remarks and files, and the sheet to print."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.paper_pdf import paper_file, sheet_file
from yanji.flows.papers import Paper, Sheet, paper_of
from yanji.flows.symbols import code128, datamatrix
from yanji.flows.trail import (
    MAX_ATTACHMENT_BYTES,
    attach,
    attached,
    download_headers,
    remark,
    trail,
    withdraw,
)
from yanji.flows.turn import Policy
from yanji.ledger.api import Refused

from .flow.sent import Sent
from .nav import open_address
from .page import act_key, page, wants_part
from .pdf import pdf_answer

ACCEPTED = ".pdf,.jpg,.jpeg,.png,.webp,.txt,.csv,.xlsx"


@require_safe
def trail_card(request: HttpRequest, paper: str, document_id: int) -> HttpResponse:
    """The card that a document's page loads when it is there."""
    return _card(request, paper, document_id)


def _card(request: HttpRequest, kind: str, document_id: int, refused: Refused | None = None) -> HttpResponse:
    found = trail(request.actor, kind, document_id)
    status = 409 if refused else 200
    return page(request, "web/_trail.html", status=status, trail=found, accepted=ACCEPTED, refused=refused)


def _answer(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """The card anew, with keys of its own for what comes next; without scripts, the page that it belongs to."""
    if wants_part(request):
        return redirect("web:trail", kind, document_id)
    actor = request.actor
    address = address_of(paper_of(kind), paper_of(kind).seen(actor, document_id), actor)
    return redirect(address or "web:home")


def address_of(paper: Paper, document: Any, actor: Actor) -> str:
    """The page of a document for this reader, or nothing where there is none to open."""
    page = paper.supplier_page if actor.supplier_id is not None and paper.supplier_page else paper.page
    name, arguments = page(document)
    return open_address(actor, name, *arguments)


@require_POST
def add_remark(request: HttpRequest, paper: str, document_id: int) -> HttpResponse:
    try:
        remark(
            actor=request.actor,
            key=act_key(request, "remark"),
            kind=paper,
            document_id=document_id,
            text=request.POST.get("text", "").replace("\r\n", "\n"),
        )
    except Refused as refused:
        return _card(request, paper, document_id, refused)
    return _answer(request, paper, document_id)


@require_POST
def add_attachment(request: HttpRequest, paper: str, document_id: int) -> HttpResponse:
    """One file, as its input sends it the moment it is chosen. No more of it is read than may be kept."""
    file = request.FILES.get("file")
    try:
        attach(
            actor=request.actor,
            key=act_key(request, "attach"),
            kind=paper,
            document_id=document_id,
            file_name=(file.name or "")[-255:] if file else "",
            content=file.read(MAX_ATTACHMENT_BYTES + 1) if file else b"",
        )
    except Refused as refused:
        return _card(request, paper, document_id, refused)
    return _answer(request, paper, document_id)


@require_POST
def withdraw_attachment(
    request: HttpRequest, paper: str, document_id: int, attachment_id: int
) -> HttpResponse:
    try:
        sent = Sent(request.POST)
        reason = sent.text("reason", _("Reason"))
        sent.check()
        withdraw(
            actor=request.actor,
            key=act_key(request, "withdraw"),
            kind=paper,
            document_id=document_id,
            attachment_id=attachment_id,
            reason=reason,
        )
    except Refused as refused:
        return _card(request, paper, document_id, refused)
    return _answer(request, paper, document_id)


@require_safe
def download(request: HttpRequest, paper: str, document_id: int, attachment_id: int) -> HttpResponse:
    file = attached(request.actor, paper, document_id, attachment_id)
    return HttpResponse(bytes(file.content), headers=download_headers(file))


@require_safe
def print_page(request: HttpRequest, paper: str, document_id: int, form: str = "page") -> HttpResponse:
    """One document on A4, with its number to scan, as a page or as a PDF; what to take by the order of picking that its address
    names."""
    actor = request.actor
    policy: Policy = "fifo" if request.GET.get("policy") == "fifo" else "fefo"
    if form == "pdf":
        number, content = paper_file(actor, paper, document_id, policy, request.build_absolute_uri)
        return pdf_answer(content, f"{paper}-{number}")
    kind = paper_of(paper)
    document = kind.seen(actor, document_id)
    sheet = kind.read_by(actor, document, policy)
    file = reverse("web:print_pdf", args=(paper, document_id)) + ("?policy=fifo" if policy == "fifo" else "")
    return sheet_page(
        request, sheet, back=address_of(kind, document, actor) or reverse("web:home"), file=file
    )


def sheet_page(
    request: HttpRequest, sheet: Sheet, *, back: str, file: str, others: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """Any sheet as a page to print. ``file``: the address of the same as a PDF; ``others``: names and addresses of its like."""
    return render(
        request,
        "web/print.html",
        {
            "sheet": sheet,
            "back": back,
            "others": others,
            "file": file,
            "walls": [
                (wall.title, [(code, datamatrix(code.text)) for code in wall.codes]) for wall in sheet.walls
            ],
            "square": datamatrix(sheet.number),
            "bars": code128(sheet.number),
            "printed_by": request.actor.name,
        },
    )


def sheet_answer(request: HttpRequest, sheet: Sheet, *, name: str, link: str) -> HttpResponse:
    """Any sheet as a PDF. ``link``: what its QR opens."""
    return pdf_answer(sheet_file(sheet, request.build_absolute_uri(link), request.actor.name), name)

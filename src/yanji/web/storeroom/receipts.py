"""One delivery: what was expected, what came, what was wrong with it; and taking it back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.flows.consign.models import ConsignmentReceipt
from yanji.flows.correction import void_receipt
from yanji.flows.gates import receipt_for
from yanji.flows.inspecting.models import Finding
from yanji.flows.inspecting.queries import finding_for, findings_of, inspections_of
from yanji.flows.models import Receipt
from yanji.flows.reasons import Labels, reason_words, reasons
from yanji.ledger.api import Refused

from ..flow.done import say
from ..flow.gate import needs
from ..page import act_key, page

MOST_FINDINGS = 100


@needs("view")
def receipt_page(request: HttpRequest, receipt_id: int, *, refused: Refused | None = None) -> HttpResponse:
    receipt = receipt_for(request.actor, receipt_id)
    lines = list(receipt.lines.select_related("item").order_by("id"))
    any_found = any(line.reasons or line.doubts for line in lines)
    words = reason_words() if any_found else Labels({})
    for line in lines:
        line.why = [(words.of(code, group="reject"), pieces) for code, pieces in line.reasons.items()]
        line.doubtful = [(words.of(code, group="hold"), pieces) for code, pieces in line.doubts.items()]
    may_void = receipt.voided_at is None and request.actor.may("correct", receipt.dock.path)
    return page(
        request,
        "storeroom/receipt.html",
        status=409 if refused else 200,
        refused=refused,
        receipt=receipt,
        lines=lines,
        **looked_at(receipt, any_found),
        accepted=sum(line.accepted for line in lines),
        rejected=sum(line.rejected for line in lines),
        short=sum(line.short for line in lines),
        may_void=may_void,
        reasons=reasons("correct") if may_void else {},
    )


def looked_at(receipt: Receipt | ConsignmentReceipt, any_rejected: bool) -> dict[str, object]:
    """What the page shows of the inspection of a delivery."""
    inspections = inspections_of(receipt)
    found: list[Finding] = []
    words = Labels({})
    if inspections or any_rejected:
        found, words = findings_of(receipt, most=MOST_FINDINGS), reason_words()
    for each in inspections:
        each.why = [(words.of(code, group="check_point"), pieces) for code, pieces in each.faults.items()]
    findings = [(finding, why_of(finding, words)) for finding in found]
    return {"inspections": inspections, "findings": findings, "most": MOST_FINDINGS}


def why_of(finding: Finding, words: Labels) -> str:
    """Why it was rejected or put in doubt, in the reader's language."""
    group = "reject" if finding.verdict == Finding.Verdict.REJECTED else "hold"
    return words.of(finding.reason, group=group)


@needs("view")
@require_safe
def finding_page(request: HttpRequest, finding_id: int) -> HttpResponse:
    """One thing that was rejected or put in doubt, with photos of what was wrong with it."""
    finding = finding_for(request.actor, finding_id)
    why = why_of(finding, reason_words())
    return page(request, "storeroom/finding.html", finding=finding, why=why)


@needs("correct")
@require_POST
def void(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Take the whole delivery back: new entries that undo it, the order open again."""
    try:
        done = void_receipt(
            actor=request.actor,
            key=act_key(request, "void"),
            receipt_id=receipt_id,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        return receipt_page(request, receipt_id, refused=refused)
    said = _("Receipt %(number)s is taken back, and its order is open again.")
    say(request, said % {"number": done.number})
    return redirect("storeroom:receipt", receipt_id)

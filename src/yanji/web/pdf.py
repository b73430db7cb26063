"""Files that a browser shows or saves: under a name that every system takes."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.flows.paper_pdf import paper_pdf, qr_mark
from yanji.flows.papers import Sheet


def plain_name(name: str) -> str:
    """The name of a file without what some system would not have in one. Pure."""
    return "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in name)


def traced_pdf(request: HttpRequest, sheet: Sheet, *, name: str, address: str, position: int) -> HttpResponse:
    """What the log says, as a PDF whose QR opens the page at ``address`` and which says up to which entry that was read."""
    link = request.build_absolute_uri(address)
    printed = {"at": f"{timezone.localtime():%Y-%m-%d %H:%M}", "who": request.actor.name, "n": position}
    foot = _("Printed %(at)s by %(who)s · Yanji · the log up to entry %(n)s") % printed
    return pdf_answer(paper_pdf(sheet, marks=[qr_mark(link)], link=link, foot=foot), name)


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF as a file that a browser shows, and saves under this name."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{plain_name(name)}.pdf"'
    return answer

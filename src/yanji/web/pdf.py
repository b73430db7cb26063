"""Files that a browser shows or saves: under a name that every system takes."""

from django.http import HttpResponse


def plain_name(name: str) -> str:
    """The name of a file without what some system would not have in one. Pure."""
    return "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in name)


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF as a file that a browser shows, and saves under this name."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{plain_name(name)}.pdf"'
    return answer

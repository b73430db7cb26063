"""One view answers both ways: a whole page to a browser, only the part asked for to htmx."""

from typing import Any
from uuid import uuid4

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from .typed import retyped

ROWS_PER_PAGE = 50


def page(
    request: HttpRequest, template: str, *, partial: str = "", status: int = 200, **context: Any
) -> HttpResponse:
    """Render ``template``; for htmx only its ``partial``: ``lines`` beside ``x/receive.html`` is ``x/_lines.html``.

    A ``refused`` in the context is shown above the content, one sentence an offence; give it with ``status=409``. The form
    that was refused holds what was typed.
    """
    if partial and wants_part(request):
        template = f"{template.rpartition('/')[0]}/_{partial}.html"
    response = render(request, template, context, status=status)
    if request.method == "POST" and context.get("refused"):
        sent = dict(request.POST.lists())
        response.content = retyped(response.content.decode(), request.path, sent).encode()
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page rather than for one to show whole."""
    asks = getattr(request, "htmx", None)
    return bool(asks) and not asks.boosted and not asks.history_restore_request


def page_of(request: HttpRequest, rows: Any, *, per_page: int = ROWS_PER_PAGE) -> Page[Any]:
    """The slice of ``rows`` that ``?page=`` names, for ``web/_pages.html``; nonsense gives the first or last."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def act_key(request: HttpRequest, act: str) -> str:
    """The key of an act, made when its page is loaded and kept while its form comes back refused."""
    sent = request.POST.get("key", "")
    return sent if sent.startswith(f"{act}:") and len(sent) <= 120 else next_key(act)


def next_key(act: str) -> str:
    """Another key, for a form that stands in the answer to the same act done before."""
    return f"{act}:{uuid4().hex}"

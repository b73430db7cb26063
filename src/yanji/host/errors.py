"""What is said where no view answers: by the JSON API in its one shape and its client's language, else by a page."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from yanji.exchange.api.errors import answer
from yanji.web import errors as pages

Handler = Callable[..., HttpResponse]


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def spoken(request: HttpRequest, code: str, status: int) -> HttpResponse:
    """One error of the API, in the language that the request asks for."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        response = answer(code, status=status)
    response.headers["Content-Language"], response.headers["Cache-Control"] = language, "no-store"
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """A body that nobody reads: 413."""
    return (
        spoken(request, "too_large", 413)
        if is_api(request)
        else pages.bad_request(request, RequestDataTooBig())
    )


def wrong_method(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    """What Django or the API answers to another method, in words; ``Allow`` still names what is allowed."""
    worded = spoken(request, "wrong_method", 405) if is_api(request) else pages.wrong_method(request)
    worded.headers["Allow"] = bare.headers.get("Allow", "")
    return worded


def _either(page: Handler, code: str, status: int) -> Handler:
    def handler(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return spoken(request, code, status) if is_api(request) else page(request, *args, **kwargs)

    return handler


bad_request = _either(pages.bad_request, "bad_request", 400)
forbidden = _either(pages.forbidden, "not_yours_here", 403)
not_found = _either(pages.not_found, "not_found", 404)
broken = _either(pages.broken, "broken", 500)

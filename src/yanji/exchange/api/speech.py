"""What surrounds every request of the API: its language, and input that is refused before anything reads it."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja.parser import Parser

from yanji.ledger.api import storable

from .errors import answer


class BadJsonError(Exception):
    """The body is no JSON, or not in UTF-8."""


class TooLargeError(Exception):
    """The body is larger than any document."""


class StrictParser(Parser):
    """JSON as its standard has it (RFC 8259): UTF-8, no NaN, no number beyond reading, no bottomless nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            body = request.body
        except RequestDataTooBig as error:
            raise TooLargeError from error
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise BadJsonError from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def spoken(urls: tuple[list[Any], str, str]) -> tuple[list[Any], str, str]:
    """The API's addresses, each answering in the language that the request asks for."""
    patterns, app_name, namespace = urls
    for pattern in patterns:
        pattern.callback = _speaking(pattern.callback)
    return patterns, app_name, namespace


def _language(request: HttpRequest) -> str:
    """A program asks for its language; a page of ours speaks that of the person who is signed in."""
    if "Authorization" not in request.headers and settings.SESSION_COOKIE_NAME in request.COOKIES:
        own = getattr(request.user, "language", "")
        if own:
            return str(own)
    return translation.get_language_from_request(request)


def _speaking(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def speak(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = _language(request)
        with translation.override(language):
            if not storable("".join([request.path, *request.GET, *request.GET.dict().values()])):
                response = answer("bad_text", status=422, field="query")
            else:
                response = view(request, *args, **kwargs)
            response.headers["Content-Language"] = language
            response.headers.setdefault("Cache-Control", "no-store")
            return response

    return speak

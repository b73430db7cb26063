"""What every request must respect, whichever page or interface it is for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .errors import too_large, wrong_method

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def limited_body(get_response: GetResponse) -> GetResponse:
    """Refuse a body that is too large before anything reads it, with a sentence instead of Django's bare 400."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if _declared_length(request) <= _limit(request.content_type or ""):
            return get_response(request)
        return too_large(request)

    return answer


def _limit(content_type: str) -> int:
    """Most bytes that a request of this type may send: files are larger than forms."""
    if content_type.startswith("multipart/"):
        return int(settings.YANJI_UPLOAD_MAX_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def worded_methods(get_response: GetResponse) -> GetResponse:
    """Django and the API answer a method that an address does not take with bare text, or nothing."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 405:
            return response
        return wrong_method(request, response)  # type: ignore[arg-type] # none of these streams

    return answer


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0

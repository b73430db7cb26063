"""What every request must respect, whichever page or interface it is for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def limited_body(get_response: GetResponse) -> GetResponse:
    """Refuse a body that is too large before anything reads it, with a sentence instead of Django's bare 400."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if _declared_length(request) <= _limit(request.content_type or ""):
            return get_response(request)
        return _too_large(request)

    return answer


def _limit(content_type: str) -> int:
    """Most bytes that a request of this type may send: files are larger than forms."""
    if content_type.startswith("multipart/"):
        return int(settings.YANJI_UPLOAD_MAX_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _too_large(request: HttpRequest) -> HttpResponse:
    sentence = gettext(
        "This is too large to send at once. Split it into smaller documents, or import it as a file."
    )
    if request.path_info.startswith("/api/"):
        return JsonResponse({"code": "too_large", "detail": sentence}, status=413)
    return HttpResponse(sentence, status=413, content_type="text/plain; charset=utf-8")


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0

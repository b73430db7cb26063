"""For tests that ask for everything there is: most answers are the same few refusals over again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.http import HttpRequest, HttpResponse

from yanji.web import errors


@contextmanager
def each_refusal_drawn_once() -> Iterator[None]:
    """To each person and for each way of asking; drawing it is most of the work. From the second on only its status comes."""
    draw, drawn = errors._answer, set[tuple[Any, ...]]()

    def answer(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
        person = request.user.pk if hasattr(request, "user") else None
        page = (person, status, title, errors.wants_part(request))
        if page in drawn:
            return HttpResponse(status=status)
        drawn.add(page)
        return draw(request, status, title, text)

    with patch.object(errors, "_answer", answer):
        yield

"""Who may open a page at all; what may be done with one document is decided by that document's own gate."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def needs(*operations: str) -> Callable[[View], View]:
    """Open only to who holds one of the operations somewhere."""

    def opened(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.actor.may(operation) for operation in operations):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        answer.operations = operations  # the table of access in the tests reads it
        return answer

    return opened

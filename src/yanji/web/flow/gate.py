"""Who may open a page at all; what may be done with one document is decided by that document's own gate."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from yanji.access.actor import Actor

View = Callable[..., HttpResponse]


Needed = str | tuple[str, ...]  # one operation, or several that are held together


def opens(actor: Actor, operations: Sequence[Needed]) -> bool:
    """Whether the actor holds one of them somewhere; of several named together, all."""
    return any(
        all(actor.may(operation) for operation in ((needed,) if isinstance(needed, str) else needed))
        for needed in operations
    )


def needs(*operations: Needed) -> Callable[[View], View]:
    """Open only to who holds one of the operations somewhere."""

    def opened(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not opens(request.actor, operations):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        answer.operations = operations  # the table of access in the tests reads it
        return answer

    return opened

"""What every master data page begins with: may this reader be here at all, and what does an act's refusal become."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from yanji.access.actor import Actor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def needs(*operations: str) -> Callable[[View[P]], View[P]]:
    """Only for who holds one of these operations anywhere; what is allowed where is decided by the acts."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not any(actor_of(request).may(operation) for operation in operations):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor
    return actor


def done(form: BaseForm, act: Callable[[], Any]) -> bool:
    """Do the act; what it refuses is shown at the fields it names, or above the form."""
    try:
        act()
    except ValidationError as refusal:
        named = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal}
        for field, errors in named.items():
            form.add_error(field if field in form.fields else None, errors)
        return False
    return True


def tried(request: HttpRequest, act: Callable[[], Any], said: str) -> bool:
    """Do an act that has no form of its own; says what was done, or why it was not."""
    try:
        act()
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
        return False
    messages.success(request, said)
    return True


def number(text: str | None, *, highest: int = 2**31 - 1) -> int | None:
    """An id from an address or a form; None where it is no number."""
    shown = (text or "").strip()
    return (
        int(shown)
        if shown.isascii() and shown.isdigit() and len(shown) < 11 and int(shown) <= highest
        else None
    )

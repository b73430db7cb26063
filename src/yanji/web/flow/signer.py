"""The second person of a form: a badge that was scanned, or a name and a password."""

from django.http import HttpRequest

from yanji.flows.witness import Witness, witness_given
from yanji.ledger.api import Refused


def signer(request: HttpRequest, prefix: str) -> Witness | None:
    """Who signed by the fields ``<prefix>``, ``<prefix>_password`` and ``<prefix>_badge``; None where all are empty."""
    sent = request.POST
    return witness_given(
        sent.get(prefix, "").strip(),
        sent.get(f"{prefix}_password", ""),
        sent.get(f"{prefix}_badge", "").strip(),
        actor=request.actor,
    )


def second_person(request: HttpRequest) -> Witness:
    """The witness of a form that needs one. Raises :class:`Refused` where nobody signed."""
    found = signer(request, "witness")
    if found is None:
        raise Refused("witness_missing")
    return found

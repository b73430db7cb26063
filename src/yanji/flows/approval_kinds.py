"""The kinds of document that can need approval, each with its name and the page that shows one."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """``label`` is translated when shown; ``page`` names the address of one document, given its id."""

    label: Any
    page: str = ""


KINDS: dict[str, DocumentKind] = {
    "order": DocumentKind(_("Purchase order"), "buyer:order"),
    "purchase_request": DocumentKind(_("Purchase request"), "buyer:request"),
    "contract": DocumentKind(_("Framework contract"), "buyer:contract"),
    "requisition": DocumentKind(_("Requisition"), "ward:requisition"),
    "transfer": DocumentKind(_("Transfer")),
    "count": DocumentKind(_("Stock count")),
    "scrap": DocumentKind(_("Scrap")),
    "emergency_use": DocumentKind(_("Emergency use")),
    "supplier_return": DocumentKind(_("Return to supplier")),
}


def document_kind(kind: str, label: Any, page: str = "") -> None:
    """Add a kind, or give a known one its page; called by the flow whose documents they are."""
    KINDS[kind] = DocumentKind(label, page)


def kind_label(kind: str) -> str:
    """The kind in the reader's language; a kind that no flow brings any more is shown as it is."""
    return str(KINDS[kind].label) if kind in KINDS else kind

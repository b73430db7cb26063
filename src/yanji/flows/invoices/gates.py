"""An invoice is seen where it is billed to; a supplier's people see their own."""

from yanji.access.actor import Actor
from yanji.access.gates import NotFound

from ..attempts import Others
from ..gates import check
from .models import Invoice

# Figures of suppliers are for who deals with invoices, and for who audits with figures: not for everybody who sees stock,
# and not for who reads refused attempts alone, as the administrator and the quality officer do.
SEEN_BY = (("invoice",), ("pay",), ("audit", "see_figures"))


def invoice_for(actor: Actor, invoice_id: int, *, may: str = "", lock: bool = False) -> Invoice:
    """The invoice, for who may do ``may`` with it (nothing: may see it); absent for all who may not see it."""
    found = Invoice.objects.select_related("supplier", "place", "entered_by", "released_by")
    found = found.select_for_update(of=("self",)) if lock else found
    invoice = found.filter(pk=invoice_id).first() if 0 < invoice_id < 2**63 else None
    if invoice is not None and actor.supplier_id not in (None, invoice.supplier_id):
        raise Others("invoice", thing=invoice.number)
    if invoice is None or not seen(actor, invoice):
        raise NotFound("invoice")
    if may:
        check(actor, [invoice.place.path], may=may, thing=invoice.number, seen=[invoice.place.path])
    return invoice


def seen(actor: Actor, invoice: Invoice) -> bool:
    """Whether this actor may see the invoice. A supplier's own may be read by its people, and no other."""
    if actor.supplier_id is not None:
        return actor.supplier_id == invoice.supplier_id and actor.may("supply")
    path = invoice.place.path
    return any(all(actor.may(operation, path) for operation in together) for together in SEEN_BY)

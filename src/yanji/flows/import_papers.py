"""Import papers of a delivery: kept, voided, and found again from its lots and its supplier.

Nothing is refused for want of one: which goods need which paper is told by their labels and registration, not by our data.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Refused

from .acts import Done, check_dated, verb
from .documents import allow, reached
from .gates import check, receipt_for
from .models import Receipt, ShipNotice
from .models_import import ImportPaper
from .papers import Cell, Section
from .queries import within

HOME = "CN"


@verb
def keep_import_paper(
    *, actor: Actor, key: str, receipt_id: int, kind: str, number: str, issued_on: date
) -> Done:
    """Keep the number of a customs declaration or inspection certificate that came with a delivery. For who takes goods in there
    or keeps its invoices. Raises :class:`Refused` without a number, of no such kind, and for a delivery taken back."""
    receipt = _receipt(actor, receipt_id)
    if not number.strip() or kind not in ImportPaper.Kind.values:
        raise Refused("import_paper_unnamed")
    if receipt.voided_at:
        raise Refused("already_corrected", thing=receipt.number)
    check_dated(number.strip(), issued_on)
    paper = ImportPaper.objects.create(
        receipt=receipt, kind=kind, number=number.strip(), issued_on=issued_on, entered_by_id=actor.person_id
    )
    return Done(receipt.number, paper.pk, paper.state)


@verb
def void_import_paper(*, actor: Actor, key: str, paper_id: int, reason: str) -> Done:
    """A paper that was kept wrongly counts no more; the right one is entered anew."""
    paper = ImportPaper.objects.select_for_update().filter(pk=paper_id).first()
    receipt = _receipt(actor, paper.receipt_id if paper else 0)
    assert paper is not None, "the gate has let nothing through that is not there"
    allow("import_paper", "void", number=paper.number, state=paper.state, label=str(paper.state.label))
    if not reason.strip():
        raise Refused("reason_needed")
    paper.voided_by_id, paper.voided_at, paper.voided_because = (
        actor.person_id,
        timezone.now(),
        reason.strip(),
    )
    reached("import_paper", "void", paper.state)
    paper.save(update_fields=["voided_by", "voided_at", "voided_because"])
    return Done(receipt.number, paper.pk, paper.state)


def _receipt(actor: Actor, receipt_id: int) -> Receipt:
    receipt = receipt_for(actor, receipt_id)
    if not actor.may("invoice", receipt.dock.path):
        check(actor, [receipt.dock.path], may="receive", thing=receipt.number)
    return receipt


def imported_in(receipt: Receipt) -> list[str]:
    """The items of a delivery whose maker is abroad, by name. One statement."""
    items = Item.objects.filter(pk__in=receipt.lines.filter(accepted__gt=0).values("item_id"))
    return sorted({item.name for item in items.exclude(maker__country__in=("", HOME)).exclude(maker=None)})


def papers_of(events: Collection[str]) -> dict[str, list[ImportPaper]]:
    """Entry of a receipt -> the import papers that came with it and stand. One statement, none without entries."""
    found: dict[str, list[ImportPaper]] = defaultdict(list)
    if events:
        rows = ImportPaper.objects.filter(receipt__received_event__in=events, voided_at=None).order_by("pk")
        for paper in rows.select_related("receipt"):
            found[str(paper.receipt.received_event)].append(paper)
    return found


def in_print(receipt: Receipt) -> Iterator[Section]:
    """The import papers of a delivery for its receipt's print, voided ones among them; nothing where none was. One statement."""
    found = (
        ImportPaper.objects.filter(receipt=receipt).select_related("entered_by", "voided_by").order_by("pk")
    )
    rows: list[tuple[Cell, ...]] = [
        (paper.get_kind_display(), paper.number, paper.issued_on, paper.entered_by.name, str(paper.state.label),
         f"{paper.voided_by.name}: {paper.voided_because}" if paper.voided_by else "")
        for paper in found
    ]  # fmt: skip
    if rows:
        columns = (
            _("Kind"), _("Number"), _("Issued on"), _("Entered by"), _("State"), _("Why it was voided"),
        )  # fmt: skip
        yield Section(_("Import papers"), columns, rows)


def shown_with(notice: ShipNotice) -> list[ImportPaper]:
    """What a supplier showed with the deliveries of its ship notice, as far as it counts. One statement."""
    receipts = {"receipt__notice": notice, "receipt__voided_at": None}
    return list(ImportPaper.objects.filter(**receipts, voided_at=None).order_by("pk"))


def papers_from(actor: Actor, supplier_id: int, *, limit: int) -> list[ImportPaper]:
    """What a supplier has shown with deliveries that the actor sees, the latest first. One statement."""
    seen = within("receipt__dock", actor.scopes.get("view", ()))
    found = ImportPaper.objects.filter(seen, receipt__order__supplier_id=supplier_id, voided_at=None)
    return list(found.select_related("receipt").order_by("-pk")[:limit])

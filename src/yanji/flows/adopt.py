"""Scans that the catalogue cannot place do not stop a flow: a provisional item is born, and master data
gets a task."""

from collections.abc import Sequence

from django.db import connection

from yanji.access.actor import Actor
from yanji.access.badges import badges_among
from yanji.access.gates import NotFound
from yanji.catalog.models import Item, ItemCode, Quarantined
from yanji.identity import Identity, ScannerProfile, Unreadable, read
from yanji.ledger.api import Offence, Refused
from yanji.ledger.models import Unit

from .acts import Done, verb
from .numbers import next_block
from .scanning import said
from .things import Thing
from .unkept import names_a_person, of_a_person

SOURCE = "scan"
# Acts beside a patient: what is no product was meant as a wristband, asked for or not.
BESIDE_PATIENTS = frozenset(
    {
        "use", "set_out", "set_back", "take_in", "give_back", "waste", "explant", "hand_back", "take", "hand_on", "use_first",
        "open_piece", "discard", "reserve", "unreserve",
    }
)  # fmt: skip
KEEPS_NOTHING = BESIDE_PATIENTS | {"look"}  # who only looks may hold up anything
MAY_ADOPT = ("receive", "announce", "edit_catalog")


@verb
def adopt_unknown(*, actor: Actor, key: str, scan: str, name: str = "") -> Done:
    """Make a provisional item for a readable code that no item has, with the scan kept for master data.

    The answer's ``id`` is the item. A product that somebody adopted meanwhile is returned as it is.
    """
    if not any(actor.may(operation) for operation in MAY_ADOPT):
        raise NotFound("scan")
    reading = read(scan, profile=actor.scanner)
    if isinstance(reading, Unreadable) or not reading.di:
        detail = said(reading.reasons[0]) if isinstance(reading, Unreadable) else ""
        raise Refused("unreadable", thing=scan[:80], detail=detail)
    one_at_a_time(reading.di)
    code = ItemCode.objects.filter(issuer=reading.issuer, code=reading.di).select_related("item").first()
    if code:
        return Done(code.item.code, code.item_id, "known")
    item = provisional(reading, name)
    content = {
        "item_id": item.pk,
        "issuer": reading.issuer,
        "di": reading.di,
        "elements": [list(e) for e in reading.elements if not of_a_person(e[0])],
    }
    reasons = [{"code": "unknown_product", "detail": reading.di}]
    Quarantined.objects.create(source=SOURCE, content=content, reasons=reasons)
    return Done(item.code, item.pk, "provisional")


def one_at_a_time(what: str) -> None:
    """Two docks that adopt one product at once make one item."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"adopt:{what}",))


def provisional(reading: Identity, name: str) -> Item:
    """An item for a code that none has, to be completed by master data. That of a unit which was rejected once is taken up
    again: a unit that comes again is of the item that it was."""
    of_unit = Unit.objects.filter(epc=reading.epc or "").values("item")
    item = Item.objects.filter(pk__in=of_unit, active=False, codes=None).first() if reading.epc else None
    if item is not None:
        item.active = item.provisional = True
        item.save(update_fields=["active", "provisional"])
    item = item or Item.objects.create(
        code=f"NEW-{next_block('NEW', 1)[0]:05d}",
        name_zh=name or reading.di or "",
        tracking=Item.Tracking.UNIT,
        maker_serial=bool(reading.serial),
        provisional=True,
    )
    ItemCode.objects.create(item=item, issuer=reading.issuer, code=reading.di or "")
    return item


def keep_unreadable(scan: str, *, actor: Actor, flow: str) -> None:
    """:func:`keep_all_unreadable` for one scan."""
    keep_all_unreadable([(scan, actor.scanner)], actor=actor, flow=flow)


def keep_all_unreadable(
    scans: Sequence[tuple[str, ScannerProfile | None]], *, actor: Actor, flow: str
) -> None:
    """Keep scans of real labels that cannot be read, each once, so that master data or the supplier can mend them. Two statements
    at most, one more at a shared device.

    Scans that only a person can mend (an empty one, a swapped keyboard) are not kept, nor is anybody's badge or wristband.
    """
    read_ = [(scan, kept) for scan, profile in scans if (kept := broken(scan, profile, flow))]
    badges = badges_among([scan for scan, _kept in read_], actor=actor)
    found = [kept for scan, kept in read_ if scan not in badges]
    if not found:
        return
    texts = {kept.content["scan"] for kept in found}
    asked = Quarantined.objects.filter(
        source=SOURCE, resolved_at__isnull=True, content__scan__in=sorted(texts), content__flow=flow
    )
    before = set(asked.values_list("content__scan", flat=True))
    new = {kept.content["scan"]: kept for kept in found if kept.content["scan"] not in before}
    Quarantined.objects.bulk_create(new.values())


def broken(scan: str, profile: ScannerProfile | None, flow: str) -> Quarantined | None:
    """The task that a real label makes which cannot be read; None for what is no label, or can be. Pure."""
    reading = read(scan, profile=profile)
    if not isinstance(reading, Unreadable) or names_a_person(
        profile.unwrapped(scan) if profile else scan, reading
    ):
        return None
    reasons = [{"code": reason.code, "detail": written_out(reason.detail)} for reason in reading.reasons]
    if not any(
        reason["code"].startswith(("bad_", "unknown_ai", "missing_", "never_", "repeated_"))
        for reason in reasons
    ):
        return None
    content = {"scan": written_out(scan)[:1000], "flow": flow}
    return Quarantined(source=SOURCE, content=content, reasons=reasons)


def written_out(text: str) -> str:
    """Control characters and broken letters, written out."""
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text


def waiting(things: Sequence[Thing]) -> list[Offence]:
    """Units that master data has not cleared up yet. One statement, none without units."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    open_ = Quarantined.objects.filter(source=SOURCE, resolved_at=None, content__epc__in=epcs)
    found = set(open_.values_list("content__epc", flat=True)) if epcs else set()
    return [Offence("waits_for_master_data", epc) for epc in epcs if epc in found]

"""The kinds of matters that can be told: words, severity, who may hear of them, where each leads, how they are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from yanji.access.operations import Operation as O  # noqa: N817 - the table reads better
from yanji.flows.approval_kinds import kind_label
from yanji.flows.buying.due import DEALS

from . import matters
from .models import Severity

MINUTE, FIVE, QUARTER = 60, 300, 900
HOUR, DAY = 60, 24 * 60  # of escalation: in minutes


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``sentence`` is made of a notification's facts; ``needs``: who holds one of these at its place may hear of it.

    ``page``, ``arg`` and ``query``: the name of the page that it leads to, the fact that its address takes, what is asked
    there. ``tells``: the roles that hear of it in a hospital that has changed nothing; none of them means everybody who may.
    ``escalates``: after so many minutes to which role, in such a hospital. ``grows``: acknowledged, it is opened
    again when there is more of it. ``joins``: it flickers, and what comes back within so many minutes after it was over is the
    same opening, not told again. ``every``: how many seconds apart it is looked for.
    """

    title: Any
    sentence: Any
    icon: str
    severity: Severity
    needs: tuple[str, ...]
    sql: str
    page: str
    query: str = ""
    arg: str = ""
    tells: tuple[str, ...] = ()
    escalates: tuple[int, str] | None = None
    grows: bool = False
    joins: int = 0
    every: int = MINUTE
    channels: tuple[str, ...] = ()

    @property
    def stays(self) -> int:
        """After so many minutes without a break what came back is no flicker: acknowledged before, it is told after all."""
        return min(self.joins, self.escalates[0]) if self.escalates else self.joins


OUTSIDE = ("email", "push")  # how a shipped rule tells of it besides the list
URGENT, SOON, INFO = Severity.URGENT, Severity.SOON, Severity.INFO

KINDS: dict[str, Kind] = {
    "recalled": Kind(
        _("Recalled goods in the house"),
        ngettext_lazy("%(n)d recalled piece lies here", "%(n)d recalled pieces lie here", "n"),
        "alert-octagon", URGENT, (O.VIEW,), matters.RECALLED,
        "web:stock", "?status=recalled&by=all&place={place}",
        tells=("storekeeper", "nurse", "quality"), escalates=(HOUR, "manager"), grows=True,
        channels=OUTSIDE,
    ),
    "case_open": Kind(
        _("A case does not balance"),
        ngettext_lazy("%(n)d piece of a case is not accounted for", "%(n)d pieces of a case are not accounted for", "n"),
        "alert-triangle", URGENT, (O.USE, O.VIEW_PATIENT), matters.CASE_OPEN,
        "theatre:case", arg="id", tells=("nurse",), escalates=(2 * HOUR, "manager"), every=FIVE, channels=OUTSIDE,
    ),
    "reader_silent": Kind(
        _("A reader is silent"),
        _("RFID reader %(name)s has not been heard for two minutes"),
        "access-point-off", URGENT, (O.VIEW,), matters.READERS,
        "storeroom:readers", tells=("storekeeper", "administrator"), escalates=(HOUR, "manager"), joins=2 * HOUR,
        channels=OUTSIDE,
    ),
    "expired": Kind(
        _("Expired goods in the house"),
        ngettext_lazy("%(n)d expired piece still lies here", "%(n)d expired pieces still lie here", "n"),
        "calendar-x", SOON, (O.VIEW,), matters.EXPIRED,
        "web:stock", "?days=-1&by=all&place={place}",
        tells=("storekeeper", "nurse", "manager"), escalates=(3 * DAY, "quality"), grows=True, every=FIVE,
    ),
    "on_hold": Kind(
        _("On hold, waits for a decision"),
        ngettext_lazy("%(n)d piece on hold waits for a decision", "%(n)d pieces on hold wait for a decision", "n"),
        "hand-stop", SOON, (O.VIEW,), matters.ON_HOLD,
        "web:stock", "?status=quarantined&by=all&place={place}", tells=("storekeeper", "quality"), grows=True,
    ),
    "approval": Kind(
        _("Waits for your approval"),
        _("%(document)s %(number)s waits for a signature"),
        "checks", SOON, (O.APPROVE,), matters.APPROVALS, "manager:approvals", channels=OUTSIDE,
    ),
    "emergency": Kind(
        _("Used first, to be approved"),
        _("%(number)s: goods were used first and wait for approval"),
        "urgent", SOON, (O.APPROVE,), matters.EMERGENCIES,
        "theatre:emergency", arg="id", tells=("approver", "manager"), channels=OUTSIDE,
    ),
    "cabinet": Kind(
        _("Open cases of a cabinet"),
        ngettext_lazy("%(n)d thing of the cabinet could not be entered", "%(n)d things of the cabinet could not be entered", "n"),
        "lock-access", SOON, (O.STORE, O.TAKE_IN), matters.CABINETS,
        "storeroom:cabinets", tells=("storekeeper", "nurse"), escalates=(DAY, "manager"), grows=True,
    ),
    "difference": Kind(
        _("A hand-over differs"),
        ngettext_lazy("Hand-over %(number)s: %(n)d open difference", "Hand-over %(number)s: %(n)d open differences", "n"),
        "arrows-diff", SOON, (O.ISSUE,), matters.DIFFERENCES,
        "storeroom:differences", tells=("storekeeper",), escalates=(DAY, "manager"), grows=True,
    ),
    "credit_late": Kind(
        _("A credit is overdue"),
        _("Return %(number)s: the credit of %(owner)s was due on %(day)s"),
        "receipt-refund", SOON, (O.RETURN_GOODS, O.INVOICE), matters.CREDITS,
        "buyer:supplier_return", arg="id", tells=("buyer",), every=QUARTER,
    ),
    "set_late": Kind(
        _("A loan set is past its day"),
        _("Loan set %(number)s should have been closed"),
        "briefcase", SOON, (O.CONSIGN, O.USE), matters.LOAN_SETS,
        "storeroom:loan", arg="id", tells=("storekeeper", "nurse"), escalates=(DAY, "manager"), every=FIVE,
    ),
    "short": Kind(
        _("Items run short"),
        ngettext_lazy("%(n)d item lasts less than 14 days: %(item)s", "%(n)d items last less than 14 days, first %(item)s", "n"),
        "trending-down", SOON, (O.ORDER, O.SEE_FIGURES), matters.SHORT,
        "web:board", "?place={place}", tells=("buyer", "manager"), grows=True, joins=6 * HOUR, every=QUARTER,
    ),
    "paper_lapsed": Kind(
        _("A paper has lapsed"),
        _("%(number)s of %(owner)s lapsed on %(day)s"),
        "license-off", SOON, DEALS, matters.PAPERS_LAPSED,
        "buyer:papers", "?level=0", tells=("buyer",), every=QUARTER, channels=OUTSIDE,
    ),
    "paper_unshown": Kind(
        _("A paper was never shown"),
        ngettext_lazy(
            "%(n)d paper that goods need was never shown, of %(owner)s",
            "%(n)d papers that goods need were never shown, the first of %(owner)s", "n",
        ),
        "file-unknown", SOON, DEALS, matters.PAPERS_UNSHOWN,
        "buyer:papers", "?level=never", tells=("buyer",), grows=True, every=QUARTER, channels=OUTSIDE,
    ),
    "paper_lapses": Kind(
        _("A paper lapses soon"),
        _("%(number)s of %(owner)s lapses on %(day)s"),
        "license", INFO, DEALS, matters.PAPERS_LAPSING,
        "buyer:papers", "?level={level}", tells=("buyer",), every=QUARTER,
    ),
    "invoice_differs": Kind(
        _("An invoice differs"),
        _("Invoice %(number)s of %(owner)s differs from order, receipt or price"),
        "receipt", SOON, (O.INVOICE, O.PAY), matters.INVOICES,
        "buyer:invoice", arg="id", tells=("accountant", "buyer"),
    ),
    "attempts": Kind(
        _("Refused attempts"),
        ngettext_lazy("A rule stopped %(n)d attempt on %(day)s", "A rule stopped %(n)d attempts on %(day)s", "n"),
        "shield-x", INFO, (O.AUDIT,), matters.ATTEMPTS,
        "manager:attempts", tells=("administrator", "auditor", "quality"), grows=True, every=FIVE,
    ),
    "expiring": Kind(
        _("Expires within 30 days"),
        ngettext_lazy("%(n)d piece expires within 30 days", "%(n)d pieces expire within 30 days", "n"),
        "calendar-exclamation", INFO, (O.VIEW,), matters.EXPIRING,
        "web:stock", "?days=30&by=all&place={place}", tells=("storekeeper", "nurse", "manager"), every=FIVE,
    ),
    "requested": Kind(
        _("A requisition was asked"),
        _("Requisition %(number)s of %(owner)s waits to be picked"),
        "basket", INFO, (O.PICK,), matters.REQUESTED, "storeroom:pick", arg="id", tells=("storekeeper",),
    ),
    "on_the_way": Kind(
        _("Something is on its way to you"),
        _("Hand-over %(number)s from %(owner)s waits to be taken in"),
        "home-down", INFO, (O.TAKE_IN,), matters.ON_THE_WAY, "ward:take_in_issue", arg="id", tells=("nurse",),
    ),
    "announced": Kind(
        _("A delivery is announced"),
        _("%(owner)s announced delivery %(number)s"),
        "package-import", INFO, (O.RECEIVE,), matters.ANNOUNCED, "storeroom:receive", arg="id", tells=("storekeeper",),
    ),
    "put_aside": Kind(
        _("Rows put aside"),
        ngettext_lazy("%(n)d row of %(source)s was put aside", "%(n)d rows of %(source)s were put aside", "n"),
        "inbox", INFO, (O.EDIT_CATALOG,), matters.PUT_ASIDE,
        "masterdata:quarantine", tells=("administrator", "buyer"), grows=True, every=FIVE,
    ),
}  # fmt: skip


def sentence(kind: str, count: int, facts: Mapping[str, Any]) -> str:
    """What a notification says, in the reader's language."""
    said = {"n": count, **{name: _worded(name, fact) for name, fact in facts.items()}}
    return str(KINDS[kind].sentence % said)


def _worded(name: str, fact: Any) -> Any:
    if isinstance(fact, list):  # a name in both languages
        zh, en = (*fact, "", "")[:2]
        return en if en and (get_language() or "").startswith("en") else zh
    if name == "day":
        return date_format(date.fromisoformat(fact), "Y-m-d")
    return kind_label(fact) if name == "document" else fact

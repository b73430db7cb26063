"""What the scanner at this browser does to a scan: learnt once from a test symbol, kept here, used for every scan after.

The profile is a signed cookie: it belongs to the pair of browser and scanner, not to a person or to a name somebody typed.
"""

from dataclasses import asdict

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.flows.scanning import said
from yanji.flows.symbols import gs1_128, gs1_datamatrix
from yanji.identity import TEST_ELEMENTS, Identity, Learnt, ScannerProfile, read, set_up
from yanji.ledger.api import Offence, Refused

from .page import page
from .scan import LONGEST_SCAN, Result, ScanRow, scan_row

COOKIE = "yanji_scanner"
A_YEAR = 365 * 24 * 3600
GS = "\x1d"


def profile_of(request: HttpRequest) -> ScannerProfile | None:
    """The profile that this browser keeps; None where it keeps none, or one that is not ours."""
    try:
        return ScannerProfile(**signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=A_YEAR))
    except (signing.BadSignature, TypeError):
        return None


def scanner_page(request: HttpRequest) -> HttpResponse:
    """The test symbols, the field to scan them into, and what is kept. Posted: keep what the scan shows, or forget it."""
    if request.method != "POST":
        return _shown(request)
    if "forget" in request.POST:
        response = redirect("web:scanner")
        response.delete_cookie(COOKIE, samesite="Lax")
        messages.success(request, _("The profile is forgotten: scans are read as they come."))
        return response
    scan = _raw(request)
    learnt = set_up(scan)
    if learnt.profile is None:
        offences = [Offence("unreadable", shown(scan), {"detail": said(each)}) for each in learnt.findings]
        return _shown(request, Refused.of(offences))
    response = redirect("web:scanner")
    kept = signing.dumps(asdict(learnt.profile), salt=COOKIE)
    response.set_cookie(
        COOKIE, kept, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
    )
    messages.success(request, _("The scanner at this browser is known: every scan is read by its profile."))
    return response


def _shown(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    profile = profile_of(request)
    return page(
        request,
        "web/scanner.html",
        status=409 if refused else 200,
        refused=refused,
        square=gs1_datamatrix(TEST_ELEMENTS),
        bars=gs1_128(TEST_ELEMENTS),
        elements=TEST_ELEMENTS,
        facts=facts(profile) if profile else (),
    )


@require_POST
def scanner_scan(request: HttpRequest) -> HttpResponse:
    """One scan: of the test symbol what it shows, of anything else how it is read."""
    scan = _raw(request)
    learnt = set_up(scan)
    if learnt.profile is None and learnt.findings[0].code == "not_the_test_symbol":
        return _tried(request, scan)
    row = ScanRow(_result(learnt), _verdict(learnt), code=shown(scan))
    return scan_row(
        request,
        row,
        row_extra="web/_scanner_found.html",
        findings=[(said(each), shown(each.detail)) for each in learnt.findings],
        facts=facts(learnt.profile) if learnt.profile else (),
        keep=scan if learnt.profile else "",
    )


def _tried(request: HttpRequest, scan: str) -> HttpResponse:
    reading = read(scan, profile=profile_of(request))
    if isinstance(reading, Identity) and reading.elements:
        title = " ".join(f"({name}) {value}" for name, value in reading.elements)
        notes = " ".join(said(each) for each in reading.warnings)
        return scan_row(
            request, ScanRow("warn" if notes else "ok", title, _("Read so"), code=shown(scan), note=notes)
        )
    reasons = reading.warnings if isinstance(reading, Identity) else reading.reasons
    note = " ".join(said(each) for each in reasons)
    return scan_row(request, ScanRow("error", _("This cannot be read"), code=shown(scan), note=note))


def _result(learnt: Learnt) -> Result:
    if learnt.profile is None:
        return "error"
    return "warn" if learnt.findings else "ok"


def _verdict(learnt: Learnt) -> str:
    if learnt.profile is None:
        return _("The scanner has to be set first")
    if learnt.findings:
        return _("It can be used, and would be better set otherwise")
    return _("This scanner sends everything as it should")


def facts(profile: ScannerProfile) -> tuple[tuple[str, str], ...]:
    """What a profile says, in words."""
    separators = {GS: _("as it is (GS, 0x1D)"), "": _("dropped"), " ": _("as a space")}
    says = separators.get(profile.separator) or _("as %(text)s") % {"text": profile.separator}
    affixes = [each for each in (profile.prefix, profile.suffix) if each]
    return (
        (_("Separator"), says),
        (_("AIM identifier"), _("sent") if profile.sends_symbology else _("not sent")),
        (_("Added around the code"), " … ".join(affixes) or _("nothing")),
        (_("Keyboard of this computer"), profile.layout or _("as the scanner types")),
    )


def shown(scan: str) -> str:
    """A scan for people: what cannot be seen is named."""
    return scan.replace(GS, "<GS>").replace(" ", "<SP>")[:120]


def _raw(request: HttpRequest) -> str:
    """As it came: without the profile that is kept already."""
    return request.POST.get("scan", "").strip("\r\n\t")[:LONGEST_SCAN].replace("\0", "")

"""The scan page: an app of its own that goes on without the network, its manifest and its service worker."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yanji.flows.adopt import MAY_ADOPT
from yanji.flows.handheld.about import MOST_SCANS
from yanji.flows.handheld.ways import WAYS, ways_of
from yanji.flows.scanning import LONGEST_SCAN
from yanji.ledger.api import Status

from . import hand_theatre
from .flow.gate import needs
from .handheld_hints import hints
from .page import page
from .storeroom.counting.scanning import VERDICTS

SCRIPTS = (
    "acts", "basket", "basket_row", "camera", "doing", "drawing", "nearby", "offline", "page", "queue", "reading", "rows",
    "scanning", "screen", "server", "store", "todo", "waiting",
)  # fmt: skip
SHELL = (
    *(f"yanji/hand/{name}.js" for name in SCRIPTS),
    "yanji/hand/decoder.js", "yanji/hand/hand.css", "yanji/held.js", "yanji/shared.js",
    "yanji/sound.js", "yanji/wedge.js", "yanji/theme.js",
    "yanji/mark.svg", "yanji/yanji.css", "yanji/flow.css", "vendor/tabler.css", "vendor/inter/index.css",
    "vendor/noto-sans-sc/index.css", "vendor/zxing.js", "vendor/zxing.wasm",
)  # fmt: skip
ICONS = {
    "receive": "package-import", "put_away": "building-warehouse", "pick": "basket", "issue": "package-export",
    "restock": "rotate-clockwise", "take_in": "home-down", "use": "heartbeat", "give_back": "arrow-back-up",
    "ship": "truck-delivery", "arrive": "truck-loading", "scrap": "trash", "count": "list-numbers",
    "pack": "package", "unpack": "package-off", "reserve": "bookmark", "unreserve": "bookmark-off", "send_back": "truck-return",
    "ask_return": "message-question",
    "request": "shopping-cart", "set_out": "bed",
    "lend": "arrows-exchange", "confirm_lending": "user-check", "give_back_lent": "arrow-back-up-double",
    "confirm_settlement": "checks", "receive_consigned": "building-store", "arrive_set": "briefcase", "send_set": "briefcase-2",
    "hand_back_set": "briefcase-off", "bind": "link-plus",
    "hold": "hand-stop", "look": "search", **hand_theatre.ICONS,
}  # fmt: skip
WORKER = Path(__file__).parent / "static" / "yanji" / "hand" / "worker.js"


@require_safe
@never_cache
@needs(*dict.fromkeys(way.operation for way in WAYS.values()))
def scan_page(request: HttpRequest) -> HttpResponse:
    """The shell of the app; what is in it comes through the API, or lies on the device."""
    actor = request.actor
    return page(
        request,
        "web/handheld.html",
        tiles=[(flow, ICONS[flow], names()[flow]) for flow in ways_of(actor)],
        adopts=any(actor.may(operation) for operation in MAY_ADOPT),
        keeps=actor.may("store"),
        texts=texts(),
        scripts=SCRIPTS,
        most=MOST_SCANS,
        longest=LONGEST_SCAN,
    )


def names() -> dict[str, str]:
    """What the acts are called on their tiles."""
    return {
        "receive": _("Receive"),
        "put_away": _("Put away"),
        "pick": _("Pick"),
        "issue": _("Hand over"),
        "restock": _("Inspect returns"),
        "take_in": _("Take in"),
        "request": _("Ask a store"),
        "set_out": _("Lay out for a case"),
        "use": _("Use on a patient"),
        "give_back": _("Give back"),
        "lend": _("Lend"),
        "confirm_lending": _("Confirm a lending"),
        "give_back_lent": _("Give back what was lent"),
        "confirm_settlement": _("Confirm what came back"),
        "receive_consigned": _("Receive consigned goods"),
        "arrive_set": _("Take a loan set in"),
        "send_set": _("Loan set to its theatre"),
        "hand_back_set": _("Give a loan set back"),
        "bind": _("Put a tag on"),
        "ship": _("Send a transfer"),
        "arrive": _("Take a transfer in"),
        "send_back": _("Send back to the supplier"),
        "ask_return": _("Ask for a return"),
        "reserve": _("Reserve"),
        "unreserve": _("End a reservation"),
        "pack": _("Pack a box"),
        "unpack": _("Unpack a box"),
        "count": _("Count"),
        "scrap": _("Scrap"),
        "hold": _("Hold"),
        "look": _("Look up"),
        **hand_theatre.names(),
    }


def texts() -> dict[str, object]:
    """What the scripts say, in the reader's language; `{n}` and the like are filled in there."""
    return {
        **_of_acts(),
        **_of_acts_with_others(),
        **hints(),
        **_of_scans(),
        **_of_papers(),
        **_of_queue(),
        **hand_theatre.texts(),
        "verdicts": {
            **{verdict: [look, str(words)] for verdict, (look, words) in VERDICTS.items()},
            "unexpected": [
                "warn",
                _("It was not sent with this: written down as unexpected, it stays where the ledger has it."),
            ],
        },
        "statuses": {each.value: str(each.label) for each in Status},
    }


def _of_acts() -> dict[str, str]:
    return {
        "do_receive": _("Receive: {n}"),
        "all_receive": _("Receive"),
        "do_put_away": _("Put away: {n}"),
        "all_put_away": _("Put away"),
        "do_pick": _("Pick: {n}"),
        "all_pick": _("Pick"),
        "do_issue": _("Hand over: {n}"),
        "all_issue": _("Hand over all that is picked"),
        "do_restock": _("Good again: {n}"),
        "all_restock": _("Good again"),
        "do_take_in": _("Take in: {n}"),
        "all_take_in": _("Take in all of it"),
        "do_request": _("Ask for: {n}"),
        "all_request": _("Ask for it"),
        "do_set_out": _("Lay out: {n}"),
        "all_set_out": _("Lay out"),
        "do_use": _("Record use: {n}"),
        "all_use": _("Record use"),
        "do_give_back": _("Give back: {n}"),
        "all_give_back": _("Give back"),
        "do_ship": _("Send: {n}"),
        "all_ship": _("Send all that is picked"),
        "do_arrive": _("Take in: {n}"),
        "all_arrive": _("Take in all of it"),
        "do_reserve": _("Reserve: {n}"),
        "all_reserve": _("Reserve"),
        "do_unreserve": _("End the reservation: {n}"),
        "all_unreserve": _("End the reservation of all that is kept"),
        "do_ask_return": _("Ask for the return of {n}"),
        "all_ask_return": _("Ask for a return"),
        "do_send_back": _("Send: {n}"),
        "all_send_back": _("Send all of it"),
        "do_pack": _("Pack: {n}"),
        "all_pack": _("Pack"),
        "do_unpack": _("Take out: {n}"),
        "all_unpack": _("Take all of it out"),
        "do_scrap": _("Ask to scrap: {n}"),
        "all_scrap": _("Ask to scrap"),
        "do_count": _("Keep the count of {n}"),
        "all_count": _("Keep what is counted"),
        "do_hold": _("Hold: {n}"),
        "all_hold": _("Hold"),
        "whole_issue": _("Hand over all {n}: {what}"),
        "whole_take_in": _("Take in all {n}: {what}"),
        "whole_ship": _("Send all {n}: {what}"),
        "whole_unreserve": _("End the reservation of all {n}: {what}"),
        "whole_send_back": _("Send all {n}: {what}"),
        "whole_arrive": _("Take in all {n}: {what}"),
    }


def _of_acts_with_others() -> dict[str, str]:
    """What is lent between departments, and is a supplier's."""
    return {
        "do_receive_consigned": _("Receive: {n}"),
        "all_receive_consigned": _("Receive"),
        "do_arrive_set": _("Take in: {n}"),
        "all_arrive_set": _("Check the set in"),
        "do_send_set": _("Send the set"),
        "all_send_set": _("Send the set"),
        "do_hand_back_set": _("Give the set back: {n}"),
        "all_hand_back_set": _("Give back all that is left"),
        "do_bind": _("Put the tag on"),
        "all_bind": _("Put the tag on"),
        "do_lend": _("Lend: {n}"),
        "all_lend": _("Lend"),
        "do_confirm_lending": _("Confirm: {n}"),
        "all_confirm_lending": _("Confirm all that was lent"),
        "do_give_back_lent": _("Give back what was lent: {n}"),
        "all_give_back_lent": _("Give back what was lent"),
        "do_confirm_settlement": _("Confirm: {n}"),
        "all_confirm_settlement": _("Confirm all that came back"),
        "whole_confirm_lending": _("Confirm all {n}: {what}"),
        "whole_confirm_settlement": _("Confirm all {n}: {what}"),
        "whole_send_set": _("Send all {n}: {what}"),
        "whole_hand_back_set": _("Give back all {n}: {what}"),
    }


def _of_scans() -> dict[str, str]:
    return {
        "serial": _("Serial {serial}"),
        "lot": _("Lot {lot}"),
        "expiry": _("Expiry {day}"),
        "twice": _("Already scanned"),
        "half": _("Half of a label: scan the symbol beside it as well."),
        "kept_unread": _("Kept as scanned. What it means is read when the network is back."),
        "as_known": _("As last known; the server decides when the network is back."),
        "past_expiry": _("The expiry on its label is past."),
        "too_long": _("This is longer than any label. Scan the label itself."),
        "whole_labels": _(
            "{thing}: a label stands for a box of {per}. Write {per}, {twice} or another multiple of {per}, up to {most}, "
            "instead of {said}."
        ),
        "whole_pieces": _("{thing}: write a whole number from 1 to {most} instead of {said}."),
        "no_number": _("{said} cannot be read as a number. Write it as 2.5 is written."),
        "too_many": _("{n} scans lie in the basket: no act takes more. Finish this one first."),
        "not_read": _("The server did not say what it is. It is kept as scanned."),
        "not_kept": _("This device could not keep the scan. Free some space, then scan again."),
        "no_camera": _("The camera cannot be used. Allow it for this site, or use the scanner."),
        "adopted": _("Entered as a new product; master data completes it."),
        "adopt_it": _("Enter as a new product"),
        "adopt_sure": _("No item has this code. Enter it as a new product, for master data to complete?"),
        "aside": _("Kept aside: nobody knows it"),
        "choose_home": _("Choose where it lies"),
        "choose_reason": _("Choose why"),
        "sound": _("All of it is sound"),
        "choose_store": _("Choose the store"),
        "choose_supplier": _("Choose whose goods these are"),
        "choose_ward": _("Choose who borrows"),
        "choose_department": _("Choose the department"),
        "choose_from": _("Choose where it is taken from"),
    }


def _of_papers() -> dict[str, str]:
    return {
        "done_of": _("{n} of {all}"),
        "shelves_of": _("{n} of {all} shelves"),
        "lies_nowhere": _("Lies nowhere here"),
        "no_needs": _("No list of needs was made for this case."),
        "lacks_amount": _("Type how much is taken, or scan its code."),
        "lacks_reason": _("Choose why, or scan the reason."),
        "lacks_handed_to": _("Say who takes it along."),
        "and_more": _("{n} more"),
        "not_now": _("Not now"),
        "why_reject": _("Do not accept it"),
        "why_hold": _("Take it in, in doubt"),
        "why_override": _("Take it out of turn"),
        "said_reject": _("Rejected: {why}"),
        "said_hold": _("In doubt: {why}"),
        "said_override": _("Out of turn: {why}"),
        "not_so": _("Not so"),
        "begin_with": _("{act}: {number}"),
        "which_act": _("What is done with {number}?"),
        "number_or_basket": _(
            "{number} is the number of a paper, and the basket of “{act}” with {n} rows is still open."
        ),
        "number_or_basket_1": _(
            "{number} is the number of a paper, and the basket of “{act}” with one row is still open."
        ),
        "into_basket": _("Put it into the basket of “{act}”"),
        "number_or_basket_0": _("{number} is the number of a paper, and “{act}” is begun and not done yet."),
        "empty_and_begin": _("Drop the {n} rows, and begin “{act}”"),
        "empty_and_begin_1": _("Drop the one row, and begin “{act}”"),
        "empty_and_begin_0": _("Drop it, and begin “{act}”"),
    }


def _of_queue() -> dict[str, str]:
    return {
        "kept": _("Kept on this device; it is being sent."),
        "kept_here": _("Kept on this device, and sent when the network is back."),
        "done": _("Done. {number}"),
        "refused": _("Refused. Look at what waits."),
        "offline": _("No connection: scans are kept and sent in their order."),
        "signed_out": _("You are signed out: scans are kept until you sign in again."),
        "other_person": _("Somebody else is signed in here: your scans are kept until you sign in again."),
        "state_clear": _("All sent"),
        "state_stopped": _("No connection"),
        "state_waiting": _("{n} waiting"),
        "state_refused": _("{n} to settle"),
        "others": _(
            "{n} acts of somebody else wait on this device. They are sent when that person signs in."
        ),
        "is_waiting": _("Waits to be sent"),
        "is_settling": _("Is being settled"),
        "is_refused": _("Refused: nothing was booked"),
        "is_accepted": _("Done. {number}"),
        "is_settled": _("Settled: nothing was booked"),
        "basket_first": _("Something lies in the basket of “{act}”. Go on with it, or empty it first."),
        "into_act": _("Into “{act}”: {said}"),
        "rows_bad": _("{n} rows cannot be done: take them out, or put them right."),
        "rows_bad_1": _("One row cannot be done: take it out, or put it right."),
        "open_basket": _("{act}: {n} rows in the basket"),
        "open_basket_1": _("{act}: one row in the basket"),
        "open_basket_0": _("{act}: begun, and not done yet"),
        "empty_it": _("Empty it"),
        "empty_sure": _("Empty the basket? Its {n} rows were not booked, and will be gone."),
        "empty_sure_1": _("Empty the basket? Its one row was not booked, and will be gone."),
        "empty_sure_0": _("Empty the basket? What was said was not booked, and will be gone."),
        "in_basket": _("Its scans lie in the basket again"),
        "done_otherwise": _("Done otherwise: its scans were put right in a new act."),
        "waits_for": _("Waits until the act before it is settled"),
    }


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes it an app: its name, icon, colours, and where it begins."""
    drawn = {"src": static("yanji/mark.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"}
    pixels = [
        {"src": static(f"yanji/{name}.png"), "type": "image/png", "sizes": "512x512", "purpose": purpose}
        for name, purpose in (("icon-512", "any"), ("icon-maskable-512", "maskable"))
    ]
    content = {
        "id": "/scan", "name": _("Yanji scan"), "short_name": _("Yanji scan"), "lang": request.LANGUAGE_CODE,
        "start_url": "/scan", "scope": "/scan", "display": "standalone", "orientation": "any",
        "background_color": "#f4f6f5", "theme_color": "#0d2b2a",
        "icons": [drawn, *pixels],
    }  # fmt: skip
    return JsonResponse(content, content_type="application/manifest+json")


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the files that it keeps: a new release of any of them is a new worker."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/scan"
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> str:
    source = WORKER.read_text(encoding="utf-8")
    shell = [static(name) for name in SHELL]
    version = hashlib.sha256("\n".join([source, *shell]).encode()).hexdigest()[:16]
    told = JsonResponse({"SHELL": shell, "VERSION": version}).content.decode()
    return f"self.YANJI = {told};\n{source}"

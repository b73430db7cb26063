"""The sentences of what destroying and writing off refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "buy_before_scrap": gettext_noop(
            "{thing} belongs to {supplier}. Hand it back - or say that the hospital takes title: then {amount} CNY are owed."
        ),
        "no_common_place": gettext_noop(
            "These things lie in places that have nothing in common. Write one paper for each campus."
        ),
        "approval_differs": gettext_noop(
            "Rules of approval of their own hold where some of these things lie. Write one paper for each place."
        ),
        "aside_for_paper": gettext_noop("This entry set things aside for {thing}. Cancel that paper first."),
        "on_other_paper": gettext_noop(
            "{thing} stands on {paper} already. End that paper first, or leave this out."
        ),
        "not_lost_here": gettext_noop(
            "{thing} is not recorded as lost in {place}. Choose only what is lost there."
        ),
        "lost_too_lately": gettext_noop(
            "{thing} is lost since {since} only. Look for it: it can be written off after {days} days."
        ),
        "lost_pieces_fewer": gettext_noop(
            "{place} has lost {lost} of {thing}; {waiting} stand on other papers, and only what is lost for {days} days "
            "can be written off. Enter {ripe} at most."
        ),
        "found_meanwhile": gettext_noop(
            "{thing} was found meanwhile. Cancel this paper and write a new one."
        ),
        "found_after_write_off": gettext_noop(
            "{thing} turned up after it was written off. Leave the write-off as it is: what was found is stock again."
        ),
        "certificate_first": gettext_noop(
            "The waste of {thing} was taken away under certificate {certificate}. If that is wrong, void the certificate on its "
            "page first."
        ),
        "certificate_needed": gettext_noop(
            "Name the firm that took the waste of {thing} and the number of its certificate."
        ),
        "bad_collection_day": gettext_noop(
            "The waste of {thing} cannot have been taken away on that day. Choose one between its destruction and today."
        ),
    }
)

CONSTRAINTS = {
    "disposal_reason_given": "reason_needed",
    "disposal_two_persons": "witness_is_actor",
    "disposal_certificate_given": "certificate_needed",
    "disposal_void_reason_given": "reason_needed",
    "disposal_void_two_persons": "witness_is_actor",
    "disposal_unit_once": "scanned_twice",
}

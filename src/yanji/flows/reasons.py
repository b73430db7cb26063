"""Reasons that people choose from. The code is what the ledger keeps; the words are for the page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Reasons = dict[str, "str | Promise"]

REJECT: Reasons = {
    "damaged": _("Packaging damaged"),
    "sterile_barrier": _("Sterile barrier broken"),
    "expired": _("Expired on arrival"),
    "short_dated": _("Too short-dated"),
    "wrong_item": _("Wrong item"),
    "over_delivery": _("More than ordered"),
    "temperature": _("Temperature out of range on the way"),
    "label": _("Label missing or unreadable"),
    "registration": _("Registration not valid"),
    "other": _("Other"),
}
OVERRIDE: Reasons = {
    "size_needed": _("This very unit is needed"),
    "not_reachable": _("The first in turn cannot be reached"),
    "damaged": _("The first in turn is damaged"),
    "same_lot": _("One patient, one lot"),
    "other": _("Other"),
}
SCRAP: Reasons = {
    "expired": _("Expired"),
    "damaged": _("Damaged"),
    "opened": _("Opened and not used"),
    "contaminated": _("Contaminated"),
    "recalled": _("Recalled"),
    "other": _("Other"),
}
HOLD: Reasons = {
    "opened": _("Packaging opened"),
    "damaged": _("Packaging damaged"),
    "storage": _("Storage outside the store not proven"),
    "suspected": _("Suspected fault"),
    "other": _("Other"),
}
RETURN: Reasons = {
    "not_needed": _("Not needed"),
    "case_cancelled": _("Case cancelled"),
    "wrong_size": _("Wrong size"),
    "short_dated": _("Short-dated"),
    "other": _("Other"),
}
CORRECT: Reasons = {
    "wrong_scan": _("Wrong unit scanned"),
    "wrong_place": _("Wrong place"),
    "wrong_case": _("Wrong case or patient"),
    "wrong_quantity": _("Wrong quantity"),
    "other": _("Other"),
}

"""The sentences of what can be wrong with catalogue data in a table or a registry file."""

from django.utils.translation import gettext_noop

CODE_SENTENCES = {
    "code_unreadable": gettext_noop("“%(detail)s” is not a code of its issuer. Compare it with the label"),
    "code_not_digits": gettext_noop(
        "“%(detail)s” holds other characters than digits. Compare it with the label"
    ),
    "code_length": gettext_noop("“%(detail)s” has a length that no GTIN has. Compare it with the label"),
    "code_check_digit": gettext_noop("The check digit of “%(detail)s” is wrong. Compare it with the label"),
    "national_code": gettext_noop(
        "“%(detail)s” is not a national insurance code: C and 19 digits, or C and 26. Copy it from the insurance's catalogue"
    ),
    "code_taken": gettext_noop("The code belongs to the item %(detail)s already"),
    "code_twice": gettext_noop("The code “%(detail)s” stands in another row, too"),
    "unknown_product": gettext_noop(
        "No item had the code “%(detail)s”; one was entered from the scan. Complete it"
    ),
    "kept_aside": gettext_noop(
        "Nobody knew the unit when it was scanned: it lies on hold. Say what it is, or reject it"
    ),
    "noted": gettext_noop(
        "Somebody came upon it, and it could not be entered as a unit: nothing lies on hold. See what it is, then mark it as "
        "dealt with"
    ),
}

SHEET_SENTENCES = {
    "supplier_unknown": gettext_noop("There is no supplier “%(detail)s”. Import or create it first"),
    "price_overlaps": gettext_noop("A price from %(detail)s on is there already. Begin after it"),
    "paper_overlaps": gettext_noop("A row from %(detail)s on is there already. Begin after it"),
    "day_needed": gettext_noop("needs the day from which it is valid"),
    "name_differs": gettext_noop("The same code has another name in row %(detail)s"),
}

REGISTRY_SENTENCES = {
    "file_not_there": gettext_noop("There is no file “%(detail)s”. Compare its name and folder"),
    "file_unreadable": gettext_noop("The file cannot be read: %(detail)s"),
    "not_json": gettext_noop("The line is not JSON"),
    "not_a_device": gettext_noop("The line does not describe a device"),
    "device_twice": gettext_noop("The device is the one of line %(detail)s already"),
    "no_good_code": gettext_noop("No code of the device is sound, so it cannot be scanned"),
    "no_primary": gettext_noop("The record names no primary code"),
    "issuer_unknown": gettext_noop("The issuer “%(detail)s” is not known"),
    "package_loose": gettext_noop("The package “%(detail)s” does not say which known code it contains"),
    "package_quantity": gettext_noop("The package “%(detail)s” does not say how many it contains"),
    "storage_unmatched": gettext_noop("No temperature class fits the storage condition %(detail)s"),
}

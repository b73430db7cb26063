"""What the scan page says of each act before anything is scanned."""

from django.utils.translation import gettext as _


def hints() -> dict[str, str]:
    """What each act begins with, below its name."""
    return {
        **_of_the_store(),
        "hint_receive": _("Scan the order, then what came: units or whole boxes."),
        "hint_put_away": _("Scan the units, then the shelf; the shelf once more puts them away."),
        "hint_pick": _("Scan the requisition, the transfer or the walk, then what you take."),
        "hint_issue": _("Scan the requisition; without units, all that is picked goes."),
        "hint_restock": _("Scan what came back and is good again."),
        "hint_take_in": _("Scan the hand-over, then what came; without units, all of it came."),
        "hint_request": _(
            "Scan any label of what is needed, once a piece; the department and the store stand above."
        ),
        "hint_set_out": _(
            "Scan the wristband or the case, then what is laid out; the wristband once more keeps it."
        ),
        "hint_use": _("Scan the wristband, the units, and the wristband once more."),
        "hint_give_back": _("Choose the store, then scan what goes back."),
        "hint_lend": _(
            "Scan what you lend, then the code of the department that borrows; its code once more lends it."
        ),
        "hint_confirm_lending": _(
            "Scan the lending; scanned again, all of it came. Or scan thing by thing to look through it."
        ),
        "hint_give_back_lent": _(
            "Scan what you give back, any unit of what is owed; the lending as well where several owe it."
        ),
        "hint_confirm_settlement": _(
            "Scan the lending; scanned again, all that was given back is here. Or scan thing by thing."
        ),
        "hint_receive_consigned": _(
            "Scan what came: whose it is follows from the agreements, or is chosen. Then the place; it once more receives it."
        ),
        "hint_arrive_set": _("Scan the loan set, then what came of it; the set once more takes it in."),
        "hint_send_set": _("Scan the loan set; scanned again, all of it goes to its theatre."),
        "hint_hand_back_set": _(
            "Scan the loan set; scanned again, all that is left goes back. Or scan what goes back, then the set once more."
        ),
        "hint_bind": _(
            "Scan the label of the unit, then read the tag. The tag means that unit from then on."
        ),
    }


def _of_the_store() -> dict[str, str]:
    return {
        "hint_ship": _("Scan the transfer, say who takes it along; without units, all that is picked goes."),
        "hint_arrive": _(
            "Scan the transfer, then what came; without units, all of it came. What is damaged goes by itself."
        ),
        "hint_reserve": _("Scan the requisition or the case, then what is kept for it until then."),
        "hint_unreserve": _(
            "Choose why, scan what is kept no more; or the paper alone, and all that is kept for it is free."
        ),
        "hint_ask_return": _(
            "Choose why, then scan what goes back to its supplier; the number of the return is told."
        ),
        "hint_send_back": _(
            "Scan the return, say who takes it along; what is scanned is compared with its list."
        ),
        "hint_pack": _("Scan the things, then the label on the box; the label once more packs them."),
        "hint_unpack": _(
            "Scan the box, then what is taken out, then the box once more; the box twice and nothing else empties it."
        ),
        "hint_scrap": _(
            "Choose why, then scan what is to be destroyed. Two sign on its page, where photos are kept."
        ),
        "hint_count": _(
            "Scan the count, then shelf by shelf what lies there; the last shelf once more keeps it."
        ),
        "hint_hold": _("Choose why, then scan what must not be used."),
        "hint_look": _("Scan anything: what it is and where it lies."),
    }

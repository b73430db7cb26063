"""The sentences of what reserving refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "reserve_for_whom": gettext_noop(
            "Say for which requisition or which case it is to be kept: one of the two. Choose it, or scan its number."
        ),
        "no_case_to_reserve_for": gettext_noop(
            "Case {thing} is not planned or under way where you see cases. Check its number, or choose the requisition that was "
            "written for it."
        ),
        "reserve_other_store": gettext_noop(
            "{thing} asks {store}. Choose that store, or a requisition of this one."
        ),
        "over_reserved": gettext_noop(
            "{item}: {wanted} to be reserved, but {requisition} has only {open} open that is not reserved for it yet. Take "
            "fewer."
        ),
        "reserved_until_past": gettext_noop(
            "A reservation until {until} would be over already. Choose a later end, or leave it empty."
        ),
        "reserved_too_long": gettext_noop(
            "Nothing is reserved for longer than {days} days. Choose an end up to {until}."
        ),
        "not_reserved": gettext_noop(
            "{thing}: {wanted} to be given free, but {reserved} reserved there for this. Look at what is reserved."
        ),
        "reservation_gone": gettext_noop(
            "What was chosen is not reserved any more. Look at the list again, and choose what is left."
        ),
        "reserved_for_several": gettext_noop(
            "Pieces of {thing} are reserved for {several}. Say for which of them the reservation ends."
        ),
        "reserved_for_other": gettext_noop(
            "{thing} is reserved for {reserved_for}, not for {wanted}. Leave it out."
        ),
    }
)

"""The sentences of what boxes and kits refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "pallet_in_carton": gettext_noop(
            "{thing} is a pallet, and goes into no carton. Put its cartons on another pallet, or choose Pallet as what you pack."
        ),
        "kit_in_kit": gettext_noop(
            "{thing} is a kit itself, and no stock of it lies anywhere. Enter what belongs in it instead."
        ),
        "kit_in_bill": gettext_noop(
            "{thing} belongs in the kit {kit}, and cannot be a kit itself. Take it out of that kit's contents first."
        ),
        "kit_torn": gettext_noop(
            "Kit {thing} is not whole. Put back what is left of it, and pack it anew or take another one."
        ),
        "part_of_kit": gettext_noop(
            "{thing} lies here as a part of kit {kit}. Scan the code of the kit: it goes as a whole."
        ),
        "kit_is_picked": gettext_noop(
            "Kit {thing} lies picked for {requisition}. Put it back there before you open it."
        ),
    }
)

CONSTRAINTS = {
    "kit_pick_open_once": "taken_meanwhile",
    "kit_pick_ended_by_an_entry": "broken_rule",
    "kit_pick_for_one_document": "broken_rule",
    "kit_arrival_once": "taken_meanwhile",
    "kit_arrival_undone": "broken_rule",
}

"""What the scan page says of opened pieces, and of what is done in a theatre."""

from django.utils.translation import gettext as _

ICONS = {"open_piece": "bottle", "take": "droplet", "discard": "bottle-off",
    "use_first": "ambulance", "explant": "bone", "hand_on": "microscope", "return_explanted": "building-factory-2",
}  # fmt: skip


def names() -> dict[str, str]:
    """What the acts are called on their tiles."""
    return {
        "open_piece": _("Open a piece"),
        "take": _("Take of an opened piece"),
        "discard": _("Discard the rest"),
        "use_first": _("Use first, order later"),
        "explant": _("Explant"),
        "hand_on": _("Hand an explant on"),
        "return_explanted": _("Explant to its maker"),
    }


def texts() -> dict[str, str]:
    """Buttons and hints."""
    return {
        "lies_ready": _("Ready: {place}"),
        "do_open_piece": _("Open: {n}"),
        "all_open_piece": _("Open a piece"),
        "hint_open_piece": _(
            "Scan the label of one vial or pack. Its number, once it is open, is written on it."
        ),
        "do_take": _("Take it"),
        "all_take": _("Take it"),
        "amount_take": _("Take {amount}"),
        "whole_take": _("Take it"),
        "hint_take": _(
            "Scan the opened piece, the wristband where it is for a patient, and how much; the piece once more takes it."
        ),
        "do_discard": _("Discard the rest"),
        "all_discard": _("Discard the rest"),
        "whole_discard": _("Discard the rest"),
        "hint_discard": _("Scan the opened piece and say why; the piece once more throws the rest away."),
        "do_use_first": _("Record use, order later: {n}"),
        "all_use_first": _("Record use, order later"),
        "hint_use_first": _(
            "Scan the wristband, what is used and was never received, why, and the wristband once more. An order is written, and "
            "approved afterwards."
        ),
        "do_explant": _("Record as explanted: {n}"),
        "all_explant": _("Record as explanted"),
        "hint_explant": _(
            "Scan the wristband, then what came out, and say why; the wristband once more keeps it."
        ),
        "do_hand_on": _("Hand on: {n}"),
        "all_hand_on": _("Hand on"),
        "hint_hand_on": _(
            "Scan the devices, then the place that examines them, or the patient's wristband, and say who takes them."
        ),
        "do_return_explanted": _("Ask the supplier to take back: {n}"),
        "all_return_explanted": _("Ask the supplier to take it back"),
        "hint_return_explanted": _(
            "Scan the devices and say why. The return is sent on its page, once its supplier has authorised it."
        ),
        "choose_seller": _("Choose the supplier"),
    }

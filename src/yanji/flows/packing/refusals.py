"""The sentences of what boxes and kits refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "kit_in_kit": gettext_noop(
            "{thing} is a kit itself, and no stock of it lies anywhere. Enter what belongs in it instead."
        ),
        "kit_in_bill": gettext_noop(
            "{thing} belongs in the kit {kit}, and cannot be a kit itself. Take it out of that kit's contents first."
        ),
    }
)

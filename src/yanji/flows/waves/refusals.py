"""The sentences of what picking in one walk refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "wave_other_store": gettext_noop(
            "{thing} asks another store. One walk goes through one store: leave it out."
        ),
        "wave_taken": gettext_noop(
            "A requisition is picked in another walk already. Leave it out, or close that walk first."
        ),
        "wave_nothing_open": gettext_noop("Nothing is left to pick for {thing}. Leave it out."),
    }
)

CONSTRAINTS = {"wave_one_walk": "wave_taken"}

"""The sentences of what lending between departments refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "not_owed": gettext_noop(
            "{thing} is not owed here. Give back what was lent, or lend it the other way round."
        ),
        "over_owed": gettext_noop(
            "{thing}: {wanted} given back, but only {open} owed. Take the surplus out."
        ),
        "not_of_this_lending": gettext_noop(
            "{thing} is none of what {lending} moved, or is more of it. Take it out; what came beside it is lent or given back "
            "on a lending of its own."
        ),
        "not_all_scanned": gettext_noop(
            "{thing}: {found} of {pieces} were scanned. Scan the rest, or, where it did not come, do not accept it on "
            "the page of the lending."
        ),
        "nothing_given_back": gettext_noop("Of {thing} nothing waits for your word. Look at its page."),
        "several_given_back": gettext_noop(
            "Of {thing} several returns wait for your word. Scan something that came back, to say which."
        ),
        "store_takes_back": gettext_noop(
            "What the store sent for {thing} is on its way. Ask the store to take its issue back."
        ),
        "both_sides": gettext_noop(
            "You did the first half of {thing} yourself. The other department has to confirm."
        ),
    }
)

CONSTRAINTS = {
    "lending_between_two_places": "same_two_places",
    "lending_two_sides": "both_sides",
    "settle_up_two_sides": "both_sides",
    "lending_line_not_over_settled": "over_owed",
}

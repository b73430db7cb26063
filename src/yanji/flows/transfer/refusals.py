"""The sentences of what a transfer refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "own_load": gettext_noop(
            "You sent {thing} yourself. Have somebody else, here or at the other end, say that it is lost."
        ),
        "own_load_back": gettext_noop(
            "You sent {thing} yourself. Have somebody else, here or at the other end, take back that it is lost."
        ),
        # Transfers
        "same_two_places": gettext_noop("Both ends are the same place. Choose another one for either."),
        "handed_to_needed": gettext_noop("Say who takes {thing} along: a driver, a courier, a colleague."),
        "bad_way_cost": gettext_noop("The cost of the way must be zero or more. Write it as 120 or 120.50."),
        "bad_way_temperature": gettext_noop(
            "The temperatures of the way cannot be meant. Give the lowest and the highest, in degrees Celsius."
        ),
        "way_temperature_needed": gettext_noop(
            "{thing} is kept cold. Give the lowest and the highest temperature of the way, or say that there is no record: "
            "then it is held."
        ),
        "not_the_destination": gettext_noop(
            "{thing} does not lie in {store}, where this transfer goes. Choose a place there."
        ),
        "consigned_not_there": gettext_noop(
            "{thing} belongs to {supplier}, and no consignment agreement lets it lie at {place}. Put it back and send what "
            "the hospital owns, or have purchasing write an agreement for that place first."
        ),
        "not_on_the_way": gettext_noop(
            "{thing} is not on its way with {transfer}. Name it as unexpected, or choose the other transfer."
        ),
    }
)

CONSTRAINTS = {
    "transfer_line_not_over_picked": "over_picked",
    "transfer_line_not_over_arrived": "moved_on",
    "transfer_between_two_places": "same_two_places",
}

"""The sentences of what the supply of a department refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "bad_par_level": gettext_noop(
            "{thing}: the minimum must be zero or more, the maximum above zero and not below the minimum."
        ),
        "list_name_needed": gettext_noop("The list has no name. Say what it is for, as “Monday's round”."),
        "list_name_twice": gettext_noop(
            "The department has a list of this name already. Choose another name."
        ),
        "other_lot_asked": gettext_noop(
            "{thing} is not of lot {lot}, which {requisition} asks for. Take that lot, or give a reason."
        ),
        "taken_over_by_giver": gettext_noop(
            "{thing} hands this over and cannot take it over as well. Let a colleague of the department sign."
        ),
        "receiver_not_allowed": gettext_noop(
            "{thing} does not take things in at this department. Let a colleague of the department sign."
        ),
        "taken_over_already": gettext_noop("{thing} was taken over already. Its page says by whom."),
    }
)

CONSTRAINTS = {
    "issue_between_two_people": "taken_over_by_giver",
    "par_level_sound": "bad_par_level",
    "requisition_list_named": "list_name_needed",
    "requisition_list_name_once": "list_name_twice",
}

"""The sentences of what smart cabinets refuse, and of why something could not be entered by itself."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "cabinet_nobody": gettext_noop(
            "Nobody is known who opened the door. Ask who took or brought {thing}."
        ),
        "cabinet_no_department": gettext_noop(
            "{person} belongs to no department. Enter one for the person, or enter {thing} for somebody else."
        ),
        "cabinet_not_allowed": gettext_noop(
            "{person} may not take things for {department}. Ask who needed {thing}."
        ),
        "cabinet_no_place": gettext_noop(
            "No place in {department} keeps {thing} as it must be kept. Fetch it back, and say so there."
        ),
        "cabinet_unknown_tag": gettext_noop("The tag {thing} belongs to no unit. Look what it is stuck on."),
        "cabinet_lot_tag": gettext_noop(
            "The tag {thing} is of {item}, lot {lot}, whose pieces are counted and not followed one by one. Count by hand what "
            "lies there, and take what is needed by its lot."
        ),
        "cabinet_no_such_person": gettext_noop(
            "Nobody signs in as {thing}. Write the name with which the person signs in."
        ),
        "cabinet_from_elsewhere": gettext_noop(
            "{thing} belongs to {place} by the records. Bring it back there, or let it be sent here."
        ),
    }
)

CONSTRAINTS = {
    "cabinet_case_open_once": "taken_meanwhile",
    "cabinet_case_settled_by_somebody": "explanation_needed",
}

"""The sentences of what inspection at the dock refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "sample_not_looked_at": gettext_noop(
            "{thing}, lot {lot}: {missing} of the sample of {sample} have not been looked at. "
            "Look at them, and say of each whether it is in order."
        ),
        "look_elsewhere": gettext_noop(
            "{thing} was looked at, but is not part of this delivery or of its sample. Scan it first, or leave it out."
        ),
        "unknown_check_point": gettext_noop(
            "{thing}: “{point}” is no point of its inspection plan. Choose one of the plan's points."
        ),
        "bad_faulty_count": gettext_noop(
            "{thing}: say how many of the sample of {sample} were faulty, and which points they failed."
        ),
        "bad_aql": gettext_noop(
            "A sample needs one of the acceptance limits of ISO 2859-1: {limits}. Inspecting every piece needs none."
        ),
        "bad_inspection_choice": gettext_noop("“{thing}” is not one of the choices. Choose again."),
        "check_points_needed": gettext_noop("A plan says what to look at. Choose at least one point."),
        "inspection_plan_twice": gettext_noop(
            "There is a plan for exactly these goods already. Change that one, or end it first."
        ),
        "inspection_plan_ended": gettext_noop("This plan has ended. Let it hold again before you change it."),
        "quarantine_place": gettext_noop(
            "{thing} is a quarantine place: nothing that may be used lies there. Choose another place."
        ),
    }
)

CONSTRAINTS = {
    "inspection_plan_for_these_once": "inspection_plan_twice",
    "inspection_plan_sample_limited": "bad_aql",
}

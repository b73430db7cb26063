"""The sentences of what the differences of a handing-over refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "difference_reported": gettext_noop(
            "{thing} is reported missing already. The store looks for it; take it in when it comes."
        ),
        "bad_outcome": gettext_noop(
            "This cannot become of what is “{thing}”. Choose one of the outcomes that are offered for it."
        ),
        "missing_and_here": gettext_noop(
            "{thing} is said to be here and to be missing. Decide for one of them."
        ),
    }
)

CONSTRAINTS = {
    "issue_difference_open_once": "difference_reported",
    "issue_difference_pieces_positive": "quantity_needed",
    "issue_difference_settled_by_somebody": "bad_outcome",
}

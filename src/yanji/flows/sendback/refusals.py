"""The sentences of what a return to a supplier refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "gone_back": gettext_noop(
            "{thing} went back to its supplier with {paper} and is not in stock. If it comes again, receive it; if it never "
            "left, take the sending of that return back."
        ),
        "return_credited": gettext_noop(
            "The supplier has credited {thing}, so it has the goods. If the credit note is wrong, void it on the return first."
        ),
        "of_other_supplier": gettext_noop(
            "{thing} did not come from {supplier}. Put it aside, and return it to the supplier that it came from."
        ),
        "authorisation_needed": gettext_noop(
            "Enter the number under which the supplier takes {thing} back. Ask the supplier for it."
        ),
        "credit_due_before": gettext_noop(
            "The credit for {thing} cannot be due on {day}, before the goods are sent. Choose a later day."
        ),
        "credit_number_needed": gettext_noop("Enter the number of the credit note for {thing}."),
        "bad_credit": gettext_noop("The credit for {thing} must be above zero. Write it as 1280.50."),
        "credit_too_high": gettext_noop(
            "For {thing} only {due} CNY are still due. Check the credit note: it may belong to another return."
        ),
        "credit_twice": gettext_noop(
            "Credit note {thing} of this supplier is entered already, for return {back}. Check its number, or void it there."
        ),
        "credit_number_taken": gettext_noop(
            "This supplier has a credit note of that number already. Check its number, or void the other one."
        ),
    }
)

CONSTRAINTS = {
    "supplier_return_reason_given": "reason_needed",
    "supplier_return_authorised": "authorisation_needed",
    "supplier_return_unit_once": "scanned_twice",
    "credit_note_amount_above_zero": "bad_credit",
    "credit_note_numbered": "credit_number_needed",
    "credit_note_number_once": "credit_number_taken",
}

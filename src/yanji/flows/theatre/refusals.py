"""The sentences of what the theatre, and the flows of suppliers' own goods, refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        # Theatre
        "used_on_a_patient": gettext_noop(
            "{thing} is recorded as used on a patient. If it was not, open its page, go to that use and take it back; if it was, "
            "check the label."
        ),
        "not_set_out": gettext_noop(
            "{thing} is not open in case {case}: it was not set out for it, or it is used, returned or wasted already. "
            "Check the label."
        ),
        "case_difference": gettext_noop(
            "Case {case}: {pieces} of {thing} was taken and is neither used, returned nor wasted. Scan it, or close the "
            "case with a reason."
        ),
        "nothing_short": gettext_noop(
            "Nothing is short for {thing} that is not coming already. Look at its requisitions, or lay out what is here."
        ),
        "not_an_alternative": gettext_noop(
            "What was chosen instead of {thing} is not among its alternatives. Choose one of those offered."
        ),
        "asked_above_short": gettext_noop(
            "{thing}: {pieces} are asked for, but only {short} are short. Ask for that many, its alternatives included."
        ),
        "procedure_needed": gettext_noop("A card needs a procedure. Fill it in."),
        "alternative_twice": gettext_noop(
            "An item stands among its own alternatives, or twice among them. Take it out."
        ),
        "card_twice": gettext_noop(
            "There is a card for this procedure and surgeon already. Change that one."
        ),
        "bad_side": gettext_noop("The side of {thing} must be left, right, both or none. Choose again."),
        "site_needed": gettext_noop("Say where in the body it was put. Fill in the site."),
        "implant_voided": gettext_noop("The use of {thing} was taken back. Record the new use instead."),
        "in_a_patient": gettext_noop(
            "{thing} is recorded as implanted already. Take that use back, or record the explant first."
        ),
        "not_in_this_patient": gettext_noop(
            "No record says that {thing} was implanted in this patient, and only implants can come out: what was used up, a "
            "balloon or a wire, has no such record. Check the wristband and the label."
        ),
        "fewer_in_this_patient": gettext_noop(
            "Records put {available} of {thing} into this patient, not {wanted}. Check the wristband, the label and the quantity."
        ),
        "case_has_entries": gettext_noop(
            "Things stand on case {thing} for its patient. Take those entries back first, then change the case."
        ),
        "not_explanted": gettext_noop(
            "{thing} did not come out of a patient. Send it back to its supplier by a return."
        ),
        "none_explanted_here": gettext_noop(
            "No pieces of {thing} that came out of patients lie here. Open “Explanted devices” and choose them where they lie."
        ),
        "one_supplier": gettext_noop(
            "These devices are of several suppliers, or of none that is known. Send back one supplier's at a time."
        ),
        "receiver_needed": gettext_noop("Nobody is named who takes the devices. Write down the name."),
        "where_to": gettext_noop(
            "Say where the devices go: name the department that examines them, or scan the patient's wristband."
        ),
        "of_other_patient": gettext_noop(
            "No record says that {thing} came out of this patient. Check the wristband and the label."
        ),
        "fewer_of_this_patient": gettext_noop(
            "Of {thing}, {available} came out of this patient and are here, not {wanted}. Check the wristband and the quantity."
        ),
        "approval_in_steps": gettext_noop(
            "{thing} is decided step by step. Open it among the approvals that wait for you."
        ),
        # Charges
        "charge_code_missing": gettext_noop(
            "{thing} has no charge code. Have master data enter one, then charge again."
        ),
        "charge_code_lapsed": gettext_noop(
            "The charge or insurance code of {thing} was not valid on {day}. Have master data enter the valid one, then "
            "charge again."
        ),
        "charge_code_ambiguous": gettext_noop(
            "{thing} had more than one code on {day}. Have master data end one of them, then charge again."
        ),
        "charge_without_price": gettext_noop(
            "{thing} has no price. Have purchasing enter the one of its supplier from the day of use on, then charge again."
        ),
        "charged_already": gettext_noop(
            "{thing} has been charged already. Refund that charge first if it was wrong."
        ),
        "charge_state": gettext_noop("The charge of {thing} is “{state}” and does not allow this."),
        "charge_stands": gettext_noop(
            "{thing} has been charged. Ask for the refund, have it confirmed, then take the use back."
        ),
        "nothing_to_charge": gettext_noop("Case {thing} has no charge line for this. Reload the page."),
        # Consignment and loan sets
        "no_contract": gettext_noop(
            "{thing} belongs to {supplier}, and no consignment agreement covers it here on {day}. Have purchasing enter "
            "or renew the agreement, then scan again."
        ),
        "no_price_agreed": gettext_noop(
            "{thing} belongs to {supplier}, and no price is agreed. Have purchasing enter one in the agreement or the "
            "catalogue."
        ),
        "dates_out_of_order": gettext_noop("The last day lies before the first. Check both dates."),
        "bad_settlement_day": gettext_noop("The day of settlement must lie between 1 and 28."),
        "agreement_of_another": gettext_noop(
            "Agreement {thing} is with {supplier}, for its place. End it, and write a new agreement for another "
            "supplier or place."
        ),
        "terms_from_later": gettext_noop(
            "New terms of agreement {thing} can begin on {day} at the earliest: what came and was used before goes by the "
            "terms of its day. Choose that day or a later one."
        ),
        "agreement_ended": gettext_noop(
            "{thing} may not come: agreement {agreement} ended on {day}. Send it back, or have purchasing write a new "
            "agreement. What lies here already may be used or handed back."
        ),
        "agreement_ends_later": gettext_noop(
            "Agreement {thing} can end on {day} at the earliest. Choose that day or a later one."
        ),
        "agreement_followed": gettext_noop(
            "Agreement {agreement} takes the place of {thing}. End that one first if {thing} is to go on."
        ),
        "confirmed_by_drafter": gettext_noop(
            "You drew up statement {thing} yourself. Have somebody else confirm it."
        ),
        "month_not_over": gettext_noop("{month} is not over yet. Settle it when the month has ended."),
        "settled_already": gettext_noop(
            "{month} has a statement for agreement {thing} already. Open that one."
        ),
        "nothing_to_settle": gettext_noop("Nothing is owed under agreement {thing} for {month}."),
        "set_name_needed": gettext_noop("The set needs a name. Write what the supplier calls it."),
        "case_unknown": gettext_noop("There is no case {thing} in this department. Check the number."),
        "cycle_needed": gettext_noop("Enter the number of the sterilisation cycle."),
        "sterilised_before": gettext_noop(
            "Set {thing} came at {came}, so a cycle of {at} was not its own. Enter the time of the cycle that it went through."
        ),
        "sterilised_after": gettext_noop(
            "Set {thing} was closed at {closed}, so a cycle of {at} was not its own. Enter the time of the cycle that it went "
            "through."
        ),
        "set_never_came": gettext_noop("Nothing of set {thing} came, so it went through no sterilisation."),
        "not_sterilised": gettext_noop(
            "Set {thing} has not been sterilised. Record its sterilisation cycle first."
        ),
        "thing_not_sterilised": gettext_noop(
            "{thing} came in set {set}, which has not been sterilised. Have its sterilisation cycle recorded first, or "
            "take another one."
        ),
        "set_into_theatre": gettext_noop(
            "{place} lies in a department, and set {thing} is not sterilised yet. Take it in at a dock or at the sterile "
            "supply."
        ),
        "not_of_this_set": gettext_noop("{thing} is not open in set {set}. Check the label."),
        "loan_set_open": gettext_noop(
            "Set {set}: {pieces} of {thing} came and was neither used, returned nor wasted. Scan it back, or close the "
            "set with a reason."
        ),
        "settlement_charged": gettext_noop(
            "Settlement {thing} is charged by invoice {invoice}. Void that invoice first, then the settlement."
        ),
        # What speaks against a thing that is in the patient already: nobody can put it aside any more.
        "expired_stated": gettext_noop("{thing} had expired on {expiry}."),
        "recalled_stated": gettext_noop("{thing} is recalled."),
        "lot_recalled_stated": gettext_noop("Lot {lot} of {thing} is recalled ({notice})."),
        "on_hold_stated": gettext_noop("{thing} is on hold."),
        "rejected_not_used_stated": gettext_noop("{thing} was rejected on receipt ({receipt})."),
        "recorded_despite": gettext_noop(
            "It is in the patient already: it is recorded all the same, with a paper."
        ),
        "rejected_not_used": gettext_noop(
            "{thing} was rejected on receipt ({receipt}) and goes back to its supplier. Take another one; where it is in the "
            "patient already, say why."
        ),
        "settlement_paid": gettext_noop(
            "Settlement {thing} is released for payment with invoice {invoice}. Take back the uses that are wrong: the next "
            "settlement credits them."
        ),
        "nothing_was_ordered": gettext_noop(
            "{thing} is about a thing that was here already: nothing was ordered by it, and it holds no payment. Leave it as it"
            " was decided."
        ),
    }
)

CONSTRAINTS = {
    "agreement_version_once": "document_closed",
    "agreement_ends_once": "document_closed",
    "agreement_ending_reason_given": "reason_needed",
    "agreement_ending_taken_back_for_a_reason": "reason_needed",
    "settlement_voided_by_two": "witness_is_actor",
    "card_one_a_procedure": "card_twice",
    "case_need_item_once": "line_twice",
    "implant_in_one_patient": "in_a_patient",
    "charge_line_one_a_use": "charged_already",
    "charge_once_net": "charged_already",
    "charge_entries_alternate": "charged_already",
    "charge_entries_linked": "charged_already",
    "charge_line_code_known": "charge_code_missing",
    "card_procedure_given": "procedure_needed",
    "implant_names_patient": "patient_needed",
    "emergency_reason_given": "reason_needed",
    "emergency_ordered_or_despite": "reason_needed",
    "emergency_accepted_for_a_reason": "reason_needed",
    "case_difference_reason_given": "reason_needed",
    "agreement_settlement_day": "bad_settlement_day",
    "loan_set_named": "set_name_needed",
    "loan_set_cycle_known": "cycle_needed",
    "settlement_one_a_month": "settled_already",
    "payable_unit_once": "settled_already",
}

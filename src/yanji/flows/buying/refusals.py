"""The sentences of what buying, invoices and landed cost refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        # Papers
        "supplier_licence_lapsed": gettext_noop(
            "{thing}: the {kind} is not valid on {day}. Have the renewal shown and entered first."
        ),
        "item_registration_lapsed": gettext_noop(
            "The registration of {thing} is not valid on {day}. Have the new certificate entered first."
        ),
        "authorisation_lapsed": gettext_noop(
            "{thing} is not authorised by {kind} on {day}. Have the new authorisation shown and entered first."
        ),
        "supplier_licence_missing": gettext_noop(
            "{thing}: no {kind} was ever shown. Have it shown and entered first."
        ),
        "item_registration_missing": gettext_noop(
            "No registration of {thing} was ever shown. Have the certificate shown and entered first."
        ),
        "authorisation_missing": gettext_noop(
            "{thing} never showed that {kind} authorises it. Have the authorisation shown and entered first."
        ),
        # Prices and contracts
        "price_off_contract": gettext_noop(
            "{thing}: {price} is not the price of contract {contract} ({agreed}, difference {difference}). Take that "
            "price, or give a reason."
        ),
        "no_price": gettext_noop(
            "{thing} has no price. Enter what a piece costs; where it is free, say why beside the price."
        ),
        "contract_price_over": gettext_noop(
            "{thing}: contract {contract} gives no price on {day}. Save the order's lines anew: they take the price that "
            "holds today."
        ),
        "contract_exhausted": gettext_noop(
            "Contract {thing} has {left} left, and this calls off {value}. Order less, or have the contract raised."
        ),
        "contract_days": gettext_noop(
            "The contract ends on {last}, before it begins on {first}. Check the days."
        ),
        "contract_values": gettext_noop(
            "The smallest and the largest value must be zero or more, and in this order. Check both."
        ),
        "contract_price_days": gettext_noop(
            "The price of {thing} holds from {first} to {last}: not within the contract's days. Check the days."
        ),
        "contract_price_twice": gettext_noop(
            "{thing} has two prices on one day. End the first before the second begins."
        ),
        "bad_percent": gettext_noop("“{value}” is not a percentage. Write a number from 0 to 100."),
        "bad_paper_rule": gettext_noop("This is no rule for papers. Choose refuse, warn or let pass."),
        # Requests and orders
        "nothing_requested": gettext_noop(
            "Request {thing} has nothing open of these items. Choose items of the request, or order without it."
        ),
        "requested_elsewhere": gettext_noop(
            "Request {thing} is for {place}, on another campus than this order goes to. Order without it, or to that campus."
        ),
        "parts_do_not_add_up": gettext_noop(
            "{thing}: the deliveries add up to {planned}, but {quantity} are ordered. Change one of them."
        ),
        "expected_past": gettext_noop(
            "Goods cannot be expected on {thing}: today is {today}. Choose today or a later day."
        ),
        "needed_past": gettext_noop(
            "Goods cannot be needed by {thing}: it is {now} already. Choose a later time, or leave it empty."
        ),
        "part_past": gettext_noop(
            "{thing}: a delivery is due on {day}, and today is {today}. Choose today or a later day for it."
        ),
        "promised_past": gettext_noop(
            "Goods ordered on {ordered} cannot come on {day}. Name the day on which they will be delivered."
        ),
        "promised_far": gettext_noop(
            "{day} is more than two years away. Check the year: {last} is the last day that can be promised."
        ),
        "promise_each_delivery": gettext_noop(
            "{thing} comes in {count} deliveries. Name the day of each, not one day for all."
        ),
        "promise_of_no_delivery": gettext_noop(
            "{thing}: a day is named for a delivery that is not awaited any more. Reload the page and answer again."
        ),
        "part_after_expected": gettext_noop(
            "{thing}: a delivery is due on {day}, but the whole order is expected by {expected}. Give the order a later day, or "
            "the delivery an earlier one."
        ),
        "expected_after_parts": gettext_noop(
            "The order is expected on {expected}, but its last delivery is due on {day}. Leave the order's day empty, or let "
            "both agree."
        ),
        "part_twice": gettext_noop("{thing}: two deliveries on one day at one place. Add them up in one."),
        "close_reason_needed": gettext_noop(
            "Goods of {thing} are still owed. Say why nothing more is expected."
        ),
        "cancel_received": gettext_noop(
            "Goods of {thing} have come. Close the order instead: nothing more is expected then."
        ),
        "change_waits": gettext_noop(
            "A change of {thing} waits for approval already. Withdraw it first, or wait for the decision."
        ),
        "no_change_waits": gettext_noop("No change of {thing} waits any more. Reload the page."),
        "change_below_received": gettext_noop(
            "{thing}: {received} have come, so {quantity} are too few. Order at least what has come."
        ),
        # The supplier's answers
        "bad_answer": gettext_noop("{thing} can be confirmed, changed or declined. Choose one."),
        "bad_answer_quantity": gettext_noop(
            "{thing}: {pieces} cannot be promised; {received} have come, {quantity} are ordered. More must be "
            "ordered first."
        ),
        "answer_changes_nothing": gettext_noop(
            "{thing}: neither pieces nor day differ from the order. Confirm the line instead."
        ),
        "declined_after_delivery": gettext_noop(
            "{received} of {thing} have come. Change the number of pieces instead of declining the line."
        ),
        "line_answered": gettext_noop(
            "{thing} was answered already, or nothing of it is awaited any more. Reload the page."
        ),
        "asked_day_passed": gettext_noop(
            "{thing} was to come on {day}, which has passed. Answer this line with the day on which it will come."
        ),
        "answer_settled": gettext_noop("The answer for {thing} is “{state}” already. Reload the page."),
        # Invoices
        "reference_needed": gettext_noop("The number on the invoice is missing. Type it as printed."),
        "serial_needed": gettext_noop("{thing} is charged by serial number. Enter one line for each unit."),
        "order_of_other_supplier": gettext_noop(
            "{thing}: this order is not one of the supplier's, or was never placed. Choose the right order."
        ),
        "order_or_settlement": gettext_noop(
            "{thing} must charge either an order or a settlement; only a settlement has credits. Choose one."
        ),
        "settlement_of_other_supplier": gettext_noop(
            "{thing}: this settlement is not one of the supplier's, or nobody has confirmed it. Have it confirmed, or choose "
            "the right one."
        ),
        "settlement_billed_elsewhere": gettext_noop(
            "Settlement {settlement} is of {place}, which is not part of {billed}. Choose the place that the invoice is billed "
            "to, or the right settlement."
        ),
        "total_differs": gettext_noop(
            "The lines add up to {sum}, the invoice says {total}. Check quantities and prices."
        ),
        "nothing_credited": gettext_noop(
            "The invoice says {total}, and no line credits anything of a settlement. What went back of an order is credited at "
            "its return: enter the credit note there."
        ),
        "invoice_known": gettext_noop(
            "An invoice of this number is kept for this supplier already. Look it up before you enter it again."
        ),
        "serial_matched_elsewhere": gettext_noop(
            "Another invoice has charged one of these units meanwhile. Reload the page and compare again."
        ),
        "released_by_enterer": gettext_noop(
            "You entered {thing} yourself. Somebody else has to accept and release it."
        ),
        "payment_held": gettext_noop("{thing} is held: {holds}. Settle that first, then release it."),
        "held_already": gettext_noop("This invoice is held by hand already. Reload the page."),
        "not_held": gettext_noop("{thing} is not held by hand. Reload the page."),
        "no_price_differs": gettext_noop(
            "No price of {thing} waits to be accepted. What was not received, or charged before, cannot be."
        ),
        # Two invoices
        "first_invoice_unnamed": gettext_noop(
            "Who wrote the invoice to the distributor, and its number, are needed. Type both."
        ),
        "import_paper_unnamed": gettext_noop(
            "Which paper it is, and its number, are needed. Choose the kind and type the number."
        ),
        "import_paper_known": gettext_noop("This import paper is kept for this delivery already."),
        "first_invoice_known": gettext_noop("This maker's invoice is kept for this delivery already."),
        "first_invoice_verified_by_enterer": gettext_noop(
            "You entered the maker's invoice {thing} yourself. Let somebody else compare it with the goods and verify it."
        ),
        "receipt_paid": gettext_noop(
            "Invoice {invoice} for goods of {thing} is released for payment. Have the payment held first, or send the goods "
            "back to the supplier."
        ),
        "price_needs_approval": gettext_noop(
            "At the prices of this invoice order {thing} comes to {amount}, which {role} has to approve. Have the buyer "
            "change the order, which asks for that, or the supplier correct the invoice."
        ),
        "settled_price_needs_approval": gettext_noop(
            "At the prices of this invoice settlement {thing} comes to {amount}, which {role} has to approve. Have the supplier "
            "correct the invoice, or agree on the price first and settle at it."
        ),
        "order_billed_elsewhere": gettext_noop(
            "Order {order} was delivered to {place}, which is not part of {billed}. Choose the place that the invoice is "
            "billed to, or the right order."
        ),
        "first_invoice_verified": gettext_noop("The maker's invoice {thing} was verified already."),
        # Landed cost
        "bad_landed_cost": gettext_noop(
            "Choose the kind of cost and how to spread it, and an amount above zero with two decimals at most."
        ),
        "nothing_to_bear": gettext_noop(
            "Receipt {thing} holds no accepted goods that could bear a cost. Choose the receipt that they came with."
        ),
    }
)

CONSTRAINTS = {
    "invoice_reference_once": "invoice_known",
    "invoice_released_by_another": "released_by_enterer",
    "invoice_serial_matched_once": "serial_matched_elsewhere",
    "invoice_line_once": "line_twice",
    "invoice_use_matched_once": "serial_matched_elsewhere",
    "invoice_line_of_order_or_settlement": "order_or_settlement",
    "hold_once": "held_already",
    "first_invoice_once": "first_invoice_known",
    "import_paper_once": "import_paper_known",
    "import_paper_voided_with_reason": "reason_needed",
    "import_paper_numbered": "import_paper_unnamed",
    "first_invoice_verified_by_another": "first_invoice_verified_by_enterer",
    "first_invoice_voided_with_reason": "reason_needed",
    "order_change_one_waiting": "change_waits",
    "order_line_off_contract_has_reason": "price_off_contract",
    "delivery_part_once": "part_twice",
    "contract_item_no_overlap": "contract_price_twice",
    "contract_dates_in_order": "contract_days",
    "contract_values_in_order": "contract_values",
    "contract_percentages_sound": "bad_percent",
    "purchase_request_item_once": "line_twice",
}

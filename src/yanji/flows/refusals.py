"""The sentences of what the flows themselves refuse; the ledger's own stand with the ledger."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

from .buying import refusals as buying  # noqa: F401 - imported for its sentences
from .disposal import refusals as disposal  # noqa: F401
from .lending import refusals as lending  # noqa: F401
from .sendback import refusals as sendback  # noqa: F401
from .supply import refusals as supply  # noqa: F401
from .theatre import refusals as theatre  # noqa: F401
from .transfer import refusals as transfer  # noqa: F401

SENTENCES.update(
    {
        "recorded_elsewhere": gettext_noop(
            "{thing} is recorded at {place}, not here. Check the label; if it is really here, call there and have it handed over "
            "first."
        ),
        # Documents
        "order_closed": gettext_noop(
            "Order {thing} is “{state}” and takes nothing any more. Choose an open order."
        ),
        "requisition_closed": gettext_noop(
            "Requisition {thing} is “{state}”. Choose an open one, or ask for a new one."
        ),
        "case_closed": gettext_noop("Case {thing} is closed. Check the case number."),
        "document_closed": gettext_noop("{thing} is “{state}” and does not allow this any more."),
        "line_twice": gettext_noop("{thing} stands in two lines. Add the quantities up in one."),
        "bad_price": gettext_noop("The price of {thing} must be zero or more, with two decimals at most."),
        "bad_pieces": gettext_noop(
            "Pieces are counted in whole numbers from 1 to {most}. Enter such a number."
        ),
        "dated_ahead": gettext_noop(
            "{thing} is dated {day}, and that day is still to come. Enter the day that stands on the paper."
        ),
        "not_for_sale": gettext_noop("{thing} is not in use any more. Choose another item."),
        "bad_document_place": gettext_noop("{thing} is not a place for this. Choose another one."),
        "notice_needed": gettext_noop("A recall needs the number of its notice. Type it from the letter."),
        "lot_reaches_further": gettext_noop(
            "{thing}: something of this lot lies, or was recalled, where you may not hold, and a recall holds everywhere. Put on "
            "hold what lies with you, and ask the group's quality officer."
        ),
        "recall_of_another": gettext_noop(
            "{thing} was recalled by {person}, and nothing of it is here. Ask them to end the recall, or "
            "the group's quality officer."
        ),
        "lot_not_recalled": gettext_noop("Lot {thing} is not recalled, or no more. There is nothing to end."),
        "recall_end_stays": gettext_noop(
            "The end of a recall is not taken back. Recall the lot again, under the number of its notice."
        ),
        "nothing_expired": gettext_noop(
            "Nothing at {thing} is past its expiry and not marked so. Choose another place, or go on."
        ),
        "shelf_of_another": gettext_noop(
            "{thing} is kept by {keeper}, and {shelf} is no shelf there. Release it onto a shelf there; from there a transfer, a "
            "requisition or a return takes it further."
        ),
        "kept_wrong": gettext_noop(
            "{thing} needs “{needed}”, and lies where “{kept}” is kept. Name a fitting place when "
            "you release it, or have it scrapped."
        ),
        "returned_kept_wrong": gettext_noop(
            "{thing} needs “{needed}”, and lies where “{kept}” is kept. Hold it here, and name a fitting place "
            "when you release it."
        ),
        "lands_first": gettext_noop("{thing} is on its way still. Release it when it has arrived."),
        "store_keeps_none": gettext_noop(
            "{thing} needs “{needed}”, and nothing in {store} keeps it. Give it back to: {others}."
        ),
        "no_store_keeps": gettext_noop(
            "{thing} needs “{needed}”, and no store keeps it. Keep it where it lies, and have a shelf set up for it."
        ),
        # Receipt
        "not_ordered": gettext_noop(
            "{thing} ({item}) is not in order {order}. Reject it as a wrong item, or choose the order that "
            "it belongs to."
        ),
        "over_delivered": gettext_noop(
            "{item}: {wanted} accepted, but only {outstanding} outstanding. Reject the surplus, or have the "
            "order raised."
        ),
        "expired_on_arrival": gettext_noop(
            "{thing} expired on {expiry}. Reject it: it goes back to the supplier."
        ),
        "registration_lapsed": gettext_noop(
            "The registration of {item} is not valid on {day}. Reject the goods, or have the new "
            "certificate entered."
        ),
        "announced_elsewhere": gettext_noop("{thing} was announced for order {order}. Receive it there."),
        "other_half": gettext_noop(
            "This code says only that it is {thing}. Scan the other code of the same label now: it has the serial number."
        ),
        "needs_label": gettext_noop(
            "{thing} has no serial number. Print hospital labels for it and scan those."
        ),
        "bad_verdict": gettext_noop("{thing} must be accepted, or rejected with a reason."),
        # Ship notice
        "no_item": gettext_noop("Line {row} names no product. Give its item or its device identifier."),
        "unknown_di": gettext_noop(
            "No item of the catalogue has the device identifier {thing}. Check the digits, or have it entered."
        ),
        "di_of_other_item": gettext_noop(
            "The device identifier {thing} belongs to {item}, not to the item given. Give one of the two."
        ),
        "serial_missing": gettext_noop("{thing} comes without its serial number. Give that as well."),
        "announced_before": gettext_noop(
            "{item}: {wanted} announced, but of {outstanding} that can still come {coming} are on their way by earlier ship "
            "notices. Withdraw the notice that will not come first."
        ),
        "still_announced": gettext_noop(
            "{thing} stands on ship notice {notice}, which is still to come. Leave it out, or withdraw that notice first."
        ),
        "over_announced": gettext_noop(
            "{item}: {wanted} announced, but only {outstanding} can still come on this order. Correct the amount, or "
            "have the order raised first."
        ),
        "bad_serial": gettext_noop(
            "No label of {item} can carry the serial number {thing}. Type it as it stands on the label."
        ),
        "which_code": gettext_noop(
            "{item} has several codes ({codes}), so serial number {thing} alone does not say which unit it is. "
            "Scan its whole label, or give the code on it as its device identifier."
        ),
        "epc_differs": gettext_noop(
            "{thing} is not what serial number {serial} of {item} is called: {expected}. Leave it out, or mend it."
        ),
        "notice_of_other_order": gettext_noop("Ship notice {thing} belongs to order {order}."),
        "bad_time": gettext_noop("{field}: this day cannot be meant. Check the year."),
        "bad_row_code": gettext_noop(
            "Row {row}: no item of the catalogue has the code “{thing}”. Check it, or have it entered."
        ),
        "bad_row_day": gettext_noop("Row {row}: “{thing}” is not a date. Write it as 2027-01-31."),
        "bad_row_quantity": gettext_noop("Row {row}: “{thing}” is not a whole number of pieces."),
        "broken_file": gettext_noop(
            "The file cannot be read as CSV. Save it anew as CSV and choose it again."
        ),
        "empty_file": gettext_noop(
            "The file holds no rows. Save it as CSV with the columns that the page names."
        ),
        # Store and department
        "not_requested": gettext_noop("{thing} ({item}) was not asked for in {requisition}. Put it back."),
        "over_picked": gettext_noop("{item}: {wanted} picked, but only {open} still open in {requisition}."),
        "override_reason_needed": gettext_noop(
            "{thing} is not the next in turn: {instead_of} ({why}) lies in {place}. Take that one, or give a reason."
        ),
        "waits_elsewhere": gettext_noop(
            "{thing} waits for inspection in {place}. Finish what is listed here, then scan it again: the page goes there."
        ),
        "label_differs": gettext_noop(
            "The label of {thing} says lot {lot}, expiry {expiry}; recorded are lot {recorded_lot}, expiry "
            "{recorded_expiry}. Put it aside, and have it held until it is clear which is right."
        ),
        "not_picked": gettext_noop("{thing} was not picked for {requisition}. Pick it first."),
        "two_owners": gettext_noop(
            "{thing}: pieces of the hospital's and of a supplier's lie picked together. Put one owner's back, hand over, then "
            "pick the rest."
        ),
        "not_under_way": gettext_noop(
            "{thing} is not part of issue {issue}. Check the label, or choose the other issue."
        ),
        "over_taken_in": gettext_noop(
            "Lot {thing}: {wanted} taken in, but only {open} under way in {issue}."
        ),
        "not_confirmed": gettext_noop(
            "The second scan must be the wristband or the case of this patient. Scan it again."
        ),
        "other_wristband": gettext_noop(
            "The second scan was another patient's wristband or case. Check the patient, and scan the wristband of case {thing}."
        ),
        "other_patient": gettext_noop(
            "Case {thing} belongs to another patient. Check the wristband and the case number."
        ),
        "case_needed": gettext_noop(
            "A case number and a patient are needed. Scan the wristband or type the case."
        ),
        "still_picked": gettext_noop(
            "Things still lie picked for {thing}. Put them back or issue them first."
        ),
        "verdict_first": gettext_noop("This delivery has been inspected. Take back the whole receipt."),
        # Counts
        "counted_already": gettext_noop(
            "Count {thing} is posted already. Nothing is posted twice; begin a new one."
        ),
        "count_undecided": gettext_noop(
            "{count} variances of {thing} are not decided. Accept, explain, or have them counted again."
        ),
        "count_not_postable": gettext_noop(
            "{thing} cannot be put right by an entry of the count. Explain what was done about it."
        ),
        "explanation_needed": gettext_noop("An explanation needs words. Say what you found out."),
        "empty_choice": gettext_noop("Nothing is chosen. Tick the variances that you mean."),
        "nothing_to_recount": gettext_noop(
            "{thing} has no variance that is still open. Mark what to count again."
        ),
        "nothing_to_count": gettext_noop("No item of this choice is in the catalogue. Choose less narrowly."),
        "recount_by_counter": gettext_noop(
            "You counted in {thing} before. The recount must be done by somebody else."
        ),
        "shelf_not_counted": gettext_noop(
            "{thing} does not lie in {place}, which is counted here. Scan another shelf."
        ),
        "seen_at_odd": gettext_noop(
            "{at} is not within this count. Check the clock of the device and send it again."
        ),
        "bad_days": gettext_noop("{thing} is not a number of days between 0 and {most}."),
        "approval_by_participant": gettext_noop(
            "You worked on {thing} yourself. Somebody who did not has to decide it."
        ),
        # Boxes
        "not_in_box": gettext_noop("{thing} is not in box {box}. Check the label, or open the box it is in."),
        "box_is_empty": gettext_noop(
            "Nothing is packed under {thing}, or it has arrived already. Check the code, or scan what is inside."
        ),
        "box_known": gettext_noop(
            "{thing} is the code of a box that is known already. Give every box its own."
        ),
        "box_of_other_order": gettext_noop(
            "Box {thing} was not announced for order {order}. Receive it there."
        ),
        "bad_box_code": gettext_noop(
            "{thing} is not the code of a box. Scan a pallet or carton label (SSCC), or leave the code empty."
        ),
        "box_is_another": gettext_noop("{thing} is the code of another box ({kind}). Take another label."),
        "not_here": gettext_noop(
            "{thing} does not lie in {place}, or cannot be packed as it is. Put it aside."
        ),
        "not_enough_to_pack": gettext_noop(
            "{thing}: {available} here in no other box, not {wanted}. Enter fewer, or unpack the other box."
        ),
        "not_for_a_kit": gettext_noop(
            "{thing} cannot be used at once: it is not available, or it is expired. Put another one into the kit."
        ),
        "in_another_box": gettext_noop("{thing} is packed in {box}. Unpack it there first."),
        "box_in_itself": gettext_noop("{thing} cannot be put into itself. Choose another box."),
        "no_bill": gettext_noop(
            "{thing} has no list of what belongs in it. Enter its contents in the catalogue."
        ),
        "kit_differs": gettext_noop(
            "{thing}: {wanted} belong in the kit, {given} were scanned. Put it right."
        ),
        # Hold and release
        "unknown_reason": gettext_noop(
            "“{thing}” is not a reason that can be given here. Choose one of those offered."
        ),
        "lot_not_there": gettext_noop(
            "Nothing of lot {thing} lies in {place} that this could be done with. Check the lot, or choose the place."
        ),
        "rejected_on_receipt": gettext_noop(
            "{thing} was rejected on receipt ({receipt}) and is still owed by the supplier. It goes back; it cannot be "
            "released."
        ),
        "lot_rejected_on_receipt": gettext_noop(
            "Of this lot {rejected} were rejected on receipt and go back to the supplier: {wanted} cannot be "
            "released, only {free}."
        ),
        "others": gettext_noop("{thing} belongs to another supplier and was not shown."),
        # Opened pieces
        "not_opened": gettext_noop(
            "Nobody has said what a piece of {thing} holds. Have its content and open life entered in the catalogue."
        ),
        "not_enough_left": gettext_noop(
            "{left} are left in {thing}, not {wanted}. Enter less, or open another one."
        ),
        "open_life_over": gettext_noop(
            "{thing} might be used until {until}. Discard it and open another one."
        ),
        "no_such_case": gettext_noop(
            "Case {thing} is none of your department. Scan its label or the wristband, or leave the case empty."
        ),
        "lot_on_hold": gettext_noop(
            "Pieces of lot {lot} are on hold where {thing} stands. Take nothing from it: ask quality, or discard it."
        ),
        "parts_first": gettext_noop(
            "{parts} parts of {thing} were taken. Take back on its page those that were not; used on a patient, a piece "
            "stays open: discard the rest."
        ),
        "end_first": gettext_noop(
            "{thing} is “{state}”. If that is wrong, take it back on its page first; else nothing is to be taken back."
        ),
        "bad_opening": gettext_noop(
            "A piece of {thing} holds an amount above zero, with three decimals at most, in a named measure: 5 mL, 100 tests."
        ),
        "bad_open_life": gettext_noop(
            "{thing}: an opened piece keeps for 1 to {limit} hours. Leave the hours empty where its expiry decides."
        ),
        # Second person
        "wrong_password": gettext_noop("The name or the password is wrong. Try again."),
        "needs_password": gettext_noop("You came in by badge or PIN. Sign in with your password to do this."),
        "unknown_badge": gettext_noop(
            "This badge is nobody's. Scan it again, or sign with a name and a password."
        ),
        "witness_missing": gettext_noop(
            "Nobody has signed as the second person. Scan their badge, or let them type name and password."
        ),
        "witness_not_allowed": gettext_noop(
            "{thing} may not be the second person at this place. Ask another colleague."
        ),
        "too_many_passwords": gettext_noop(
            "Too many wrong passwords. Wait {minutes} minutes, or ask another colleague."
        ),
        # Approval
        "approval_decided": gettext_noop(
            "This step of {thing} is “{state}” already. Reload the page to see by whom."
        ),
        "approval_by_requester": gettext_noop(
            "You asked for {thing} yourself. Somebody else has to decide it."
        ),
        "approval_twice": gettext_noop(
            "You decided another step of {thing} already. This one needs a second person."
        ),
        "approval_role_needed": gettext_noop(
            "{thing} waits for “{role}”, and you do not hold that role there today. Leave it to who does."
        ),
        "approval_not_yet": gettext_noop("{thing} waits for “{role}” first. Your turn comes after that."),
        "approval_comment_needed": gettext_noop(
            "Say why you refuse {thing}: whoever asked needs to know what to change."
        ),
        "approval_asked_meanwhile": gettext_noop(
            "This document was changed by somebody else meanwhile. Reload the page and look again."
        ),
        "approval_rule_twice": gettext_noop(
            "This place has a rule of this level for this kind of document already. Change that one, or choose "
            "another level."
        ),
        "bad_approval_level": gettext_noop("The level must be a whole number from 1 to {highest}."),
        "bad_from_amount": gettext_noop(
            "The amount must be zero or more, with two decimals at most. Write it as 5000 or 5000.50."
        ),
        "unknown_document_kind": gettext_noop(
            "“{thing}” is not a kind of document that can be approved. Choose one from the list."
        ),
        # Remarks and attached files
        "nothing_said": gettext_noop("There is nothing in the remark. Write something first."),
        "attachment_empty": gettext_noop("{thing} is empty. Choose the file again."),
        "attachment_too_large": gettext_noop(
            "{thing} is larger than {limit} MB. Take a smaller picture, or split the file."
        ),
        "attachment_type": gettext_noop(
            "{thing} is no kind of file that can be attached. Attach a PDF, a picture (JPEG, PNG, WebP), "
            "a text, a CSV or an XLSX file."
        ),
        "attachment_heic": gettext_noop(
            "{thing} is a HEIC photo, which says where and when it was taken. Set the camera to JPEG (“Most compatible”), "
            "or save the picture as JPEG, and attach that."
        ),
        "attachment_active": gettext_noop(
            "{thing} holds a program (a macro or a script). Save it without, and attach that."
        ),
        "attachment_twice": gettext_noop("The same file is attached already, as {thing}."),
        "too_many_attachments": gettext_noop(
            "This document holds {limit} files, the most that it can. Withdraw one that is not needed."
        ),
        "attachment_withdrawn": gettext_noop("{thing} was withdrawn and is not to be used."),
        # Reasons
        "unknown_reason_group": gettext_noop(
            "“{thing}” is not a group of reasons. Choose one from the list."
        ),
        "bad_reason_code": gettext_noop(
            "“{thing}” cannot be a code. Write small letters, digits and underscores, a letter first."
        ),
        "reason_code_twice": gettext_noop("This group has that code already. Choose another code."),
        "reason_unnamed": gettext_noop("A reason needs words in Chinese and in English. Write both."),
        "last_reason": gettext_noop(
            "“{thing}” is the last reason of its group, and one must be left. Add another one first."
        ),
        # Scans
        "unreadable": gettext_noop("This is not a code that can be read here. {detail}"),
        "unknown_product": gettext_noop(
            "The product {thing} is not in the catalogue. Whoever receives it enters it provisionally; master data completes it."
        ),
        "already_here": gettext_noop("{thing} is in the ledger already ({status}). Check the label."),
        "several_places": gettext_noop(
            "“{thing}” is the name of {count} places: {places}. Scan the whole code, such as {code}, or choose one."
        ),
        "package_scanned": gettext_noop(
            "This is the code of a package of {quantity}. Scan the units inside, or enter the lot."
        ),
        # What only the database noticed
        "over_issued": gettext_noop("More would be issued than was picked. Reload the page and look again."),
        "quantity_needed": gettext_noop("Every quantity must be above zero. Correct the line that is not."),
        "stands_twice": gettext_noop("The same thing stands in two lines. Add them up in one."),
        "below_nothing": gettext_noop(
            "This would take back more than is there: somebody changed the document meanwhile. Reload the page."
        ),
        "days_cross": gettext_noop(
            "The days do not fit: they are out of order, or another row covers some of them. Compare the rows."
        ),
        "taken_meanwhile": gettext_noop(
            "Somebody else took this code or number meanwhile. Reload the page and choose another one."
        ),
        "broken_rule": gettext_noop(
            "The database refused this, because its records would contradict each other. Nothing was written. "
            "Reload the page; if it happens again, tell your administrator when it did."
        ),
    }
)

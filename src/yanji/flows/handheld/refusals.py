"""The sentences of what the scan page refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "waits_for_master_data": gettext_noop(
            "{thing} was known to nobody when it was scanned: master data clears it up first, on the page To clear up."
        ),
        "not_provisional": gettext_noop(
            "The item is no provisional one any more. Look at it in the catalogue."
        ),
        "cannot_reject": gettext_noop(
            "{thing} has been moved since it was kept aside, so its entries stay. Say which item it is, or mark it as dealt "
            "with; then quality releases or scraps it."
        ),
        "cannot_bind": gettext_noop(
            "What was entered as {thing} cannot become {item}: it stands on papers, is counted otherwise, or has such a lot or "
            "serial number already. Complete {thing} as an item of its own."
        ),
        "known_meanwhile": gettext_noop(
            "“{thing}” is known by now and was not kept aside: {status}, {place}. Scan it for what you are doing with it."
        ),
        "known_already": gettext_noop(
            "“{thing}” is known and was not kept aside. Scan it for what you are doing with it."
        ),
        "scan_not_for_this": gettext_noop(
            "“{thing}” is nothing that this act can take. Choose the act that it is for, or look it up."
        ),
        "moved_since": gettext_noop(
            "“{thing}” was moved after you scanned it: {step}, by {who}, {at}, now at {place}. Look where it lies, then try "
            "again or leave it."
        ),
        "scan_badge": gettext_noop(
            "“{thing}” is somebody's badge and is not kept. Take it out and send the rest; to hand the device over, sign out "
            "first."
        ),
        "load_sent_since": gettext_noop(
            "Another load of {thing} was sent after you took in all of it: {at}. Look what has come, then try again, or scan it."
        ),
        "more_since": gettext_noop(
            "More has come to {thing} after you said all of it: {at}. Look what is there, then try again, or scan the things."
        ),
        "scan_where": gettext_noop("It is not said yet where things go. Scan the shelf or the place."),
        "scan_for_whom": gettext_noop(
            "It is not said yet for which department. Scan its code, or choose it."
        ),
        "scan_which_ward": gettext_noop(
            "It is not said yet which department borrows. Scan the code of its place, or choose it."
        ),
        "scan_who_lends": gettext_noop(
            "Nobody can tell which of your departments lends. Scan a unit of it first."
        ),
        "scan_tag": gettext_noop("The unit is known. Now read the tag that is on it."),
        "one_tag": gettext_noop("“{thing}” is one more: put one tag on, then scan the next unit."),
        "scan_which_supplier": gettext_noop(
            "It is not said yet whose goods these are. Choose the supplier, or scan something of it first."
        ),
        "suppliers_consign": gettext_noop(
            "Several suppliers have an agreement for all of this: {suppliers}. Choose whose goods these are."
        ),
        "nobody_consigns": gettext_noop(
            "No supplier has an agreement here that covers all of this: {thing}. Take out what is another supplier's, or receive "
            "it for its order."
        ),
        "samples_at_desk": gettext_noop(
            "{thing}: samples of it are looked at, and what is seen is written. Take these goods over at the desk."
        ),
        "nothing_of_set_left": gettext_noop("Nothing of {thing} is left here to go back. Look at its page."),
        "scan_which_store": gettext_noop(
            "It is not said yet which store is asked. Scan its code, or choose it."
        ),
        "scan_from": gettext_noop(
            "Lot {thing} lies at several places: {places}. Choose where it is taken from; what comes from elsewhere is an act of "
            "its own."
        ),
        "scan_whence": gettext_noop(
            "Nobody can tell where lot {thing} is taken from. Scan a unit that comes from there as well, or take the lot out."
        ),
        "place_beside_patient": gettext_noop(
            "{thing} is a place, and nothing is done with one here. Scan the things, or the patient's wristband."
        ),
        "lot_short": gettext_noop(
            "Lot {thing} was scanned for {pieces}, and only {lies} lie there for this. Take out what is too much, or "
            "count the place."
        ),
        "too_many_pieces": gettext_noop(
            "{thing}: one scan cannot stand for {pieces}, at most for {most}. Look at the quantity on the label and at how "
            "often it is meant."
        ),
        "scan_which_order": gettext_noop(
            "It is not said yet for which order this came. Scan the number of the order or of the ship notice, or choose it."
        ),
        "scan_which_picking": gettext_noop(
            "It is not said yet what is picked for. Scan the number of the requisition, the transfer or the walk, or choose it."
        ),
        "scan_which_requisition": gettext_noop(
            "It is not said yet which requisition this is about. Scan its number, or choose it."
        ),
        "scan_which_transfer": gettext_noop(
            "It is not said yet which transfer this is about. Scan its number, or choose it."
        ),
        "scan_which_issue": gettext_noop(
            "It is not said yet which hand-over has come. Scan the number on the hand-over note, or choose it."
        ),
        "scan_which_case": gettext_noop(
            "It is not said yet which patient this is for. Scan the wristband or the number of the case, or choose it."
        ),
        "scan_which_kept_for": gettext_noop(
            "It is not said yet what this is kept for. Scan the number of the requisition or of the case, or choose it."
        ),
        "scan_which_lending": gettext_noop(
            "It is not said yet which lending this is about. Scan its number, or choose it."
        ),
        "lendings_owe": gettext_noop(
            "{thing} is owed under several lendings: {numbers}. Scan the number of the one that it goes back for, or choose it."
        ),
        "no_lending_owes": gettext_noop(
            "No lending that was confirmed owes all of this: {thing}. Take out what is of another, or scan the number of the "
            "lending."
        ),
        "scan_which_set": gettext_noop(
            "It is not said yet which loan set this is about. Scan its number, or choose it."
        ),
        "scan_which_return": gettext_noop(
            "It is not said yet which return to a supplier this is. Scan its number, or choose it."
        ),
        "scan_which_count": gettext_noop(
            "It is not said yet which count this is about. Scan its number, or choose it."
        ),
        "scan_which_box": gettext_noop(
            "It is not said yet which box it is. Scan the label on the box; of a new one a label that is on nothing yet."
        ),
        "one_box_at_a_time": gettext_noop(
            "One box is opened at a time, and several were scanned. Empty the list and scan {thing} alone."
        ),
        "nothing_kept": gettext_noop(
            "Nothing is kept for {thing} where you pick. Scan the number of another paper, or the things themselves."
        ),
        "return_which_supplier": gettext_noop(
            "Nobody can tell from the labels whose goods these are. Ask for their return on the page Returns to suppliers."
        ),
        "lot_of_several": gettext_noop(
            "Pieces of lot {thing} lie there for several owners, and its label does not say whose these are. Ask for their "
            "return on the page Returns to suppliers."
        ),
        "not_of_this_return": gettext_noop(
            "{thing} does not stand on {back}, or not so much of it. Take it out of the parcel, or ask for its return as well."
        ),
        "return_lacks": gettext_noop(
            "{thing} ({pieces}) stands on {back} and was not scanned. Scan it as well, or the number alone: then all of it goes."
        ),
        "scan_things": gettext_noop("Nothing was scanned yet. Scan the things first."),
        "scan_reason": gettext_noop("It is not said yet why. Choose a reason."),
        "scan_which_vial": gettext_noop(
            "It is not said yet which opened piece this is about. Scan its label, or the number that is written on it."
        ),
        "scan_supplier": gettext_noop(
            "It is not said yet of whom it comes: several sell it, or nobody has said a price. Choose the supplier."
        ),
        "explanted_elsewhere": gettext_noop(
            "{thing} lies in another place than the rest. Take it out, and do by itself what lies there."
        ),
        "scan_amount": gettext_noop(
            "It is not said yet how much of {thing} is taken; {left} are left. Type the amount, or scan its code."
        ),
        "one_at_once": gettext_noop(
            "One piece is opened at a time. Take the others of {thing} out, and open them next."
        ),
        "which_opened": gettext_noop(
            "Several pieces of lot {thing} are open: {numbers}. Scan, or type, the number that is written on this one."
        ),
        "none_opened": gettext_noop("No piece of lot {thing} is open where you use things. Open one first."),
        "scan_carrier": gettext_noop("It is not said yet who takes it along. Choose or write a name."),
        "sent_otherwise": gettext_noop(
            "This act was sent before with other scans, or by somebody else. Scan it anew."
        ),
        "sent_already_done": gettext_noop("This act is done already. Take the entry back where it is wrong."),
        "sent_settled": gettext_noop(
            "This act was settled without being done. Scan the things anew where it should be done after all."
        ),
        "settled_why": gettext_noop("Say in a few words why: it stays with the scans."),
        "nobody_keeps": gettext_noop(
            "Nobody keeps a store who could look into it. Say why it is dropped, or ask who gives out the rights."
        ),
        "not_handed_on": gettext_noop("Nothing waits here any more: somebody else has settled it."),
    }
)

CONSTRAINTS = {"sent_act_settled_says_why": "settled_why"}

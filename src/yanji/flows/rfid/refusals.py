"""The sentences of what RFID readers refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "bad_antennas": gettext_noop(
            "{thing} are not the antennas of one reader. Write each number from 1 to {most} once, on one side."
        ),
        "gate_needs_both_sides": gettext_noop(
            "{thing} can only tell directions with antennas on both sides. Write those inside and those outside, or neither."
        ),
        "bad_door_input": gettext_noop(
            "{thing} cannot be the input of a door's contact. It is a number from 1 to {most}, of the reader of a cabinet that "
            "speaks LLRP; leave it empty for any other."
        ),
        "bad_reader_address": gettext_noop(
            "{thing} is not the address of a reader. Write host and port, as 10.0.3.7:5084."
        ),
        "bad_reader_topic": gettext_noop(
            "{thing} is not one topic. Write it whole, without +, # and spaces, as rfid/main/dock1."
        ),
        "unknown_reader_kind": gettext_noop(
            "There is no such kind of reader as {thing}. Choose one of those offered."
        ),
        "too_many_tags": gettext_noop(
            "{thing} has read more than {limit} tags since then. Choose a later time, and take the others by themselves."
        ),
        "reader_name_needed": gettext_noop(
            "The reader needs a name and an address. Write what people call it, and where it is listened to."
        ),
        "reader_address_taken": gettext_noop(
            "Another reader is listened to under this address. Change that one, or take it off first."
        ),
    }
)

CONSTRAINTS = {"reader_address_once": "reader_address_taken", "reader_named": "reader_name_needed"}

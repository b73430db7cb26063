"""The sentences of what labels refuse."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "label_bad_setting": gettext_noop("The label: “{value}” is no {field}. Correct it."),
        "label_bad_value": gettext_noop("Element {thing}: “{value}” is no {field}. Correct it."),
        "label_bad_size": gettext_noop("The label's {thing} must be between {least} and {most} mm."),
        "label_bad_count": gettext_noop("A label has from one to {most} elements. Add one, or take some away."),
        "label_no_symbol": gettext_noop(
            "Nothing on this label can be scanned. Add a DataMatrix, a Code 128 or a QR code."
        ),
        "label_no_room": gettext_noop("Element {thing} has no width or no height. Enter both in millimetres."),
        "label_outside": gettext_noop(
            "Element {thing} reaches beyond the label of {width} × {height} mm. Move it, or make it smaller."
        ),
        "label_line_too_thin": gettext_noop("Element {thing}: a line is between {least} and {most} mm thick."),
        "label_unknown_field": gettext_noop(
            "Element {thing}: there is no field “{field}” here. There are: {known}."
        ),
        "label_text_empty": gettext_noop("Element {thing} is a fixed text without text. Write it in one language at least."),
        "label_text_long": gettext_noop("Element {thing}: the text has more than {most} letters. Shorten it."),
        "label_letters": gettext_noop("Element {thing}: letters are between {least} and {most} mm high."),
        "label_lines_high": gettext_noop(
            "Element {thing}: {lines} lines of {size} mm do not fit in its height. Make it higher, or the letters smaller."
        ),
        "label_symbol_small": gettext_noop(
            "Element {thing}: its symbol needs {needed} mm, so that its modules are at least {module} mm wide at {dpi} dots an "
            "inch. Make it larger."
        ),
        "label_bars_low": gettext_noop("Element {thing}: bars are at least {least} mm high. Make it higher."),
        "label_no_bars": gettext_noop(
            "Element {thing}: no Code 128 can say “{text}”. Choose a label with a DataMatrix."
        ),
        "label_name_taken": gettext_noop("There is a label template “{thing}” already. Choose another name."),
        "label_for_the_whole_house": gettext_noop(
            "This label is for all campuses. Only who keeps the rules everywhere may change it; choose your own campus."
        ),
        "label_retired_usual": gettext_noop(
            "{thing} is the usual label and cannot be put out of use. Make another one the usual one first."
        ),
        "label_usual_twice": gettext_noop(
            "Somebody made another label the usual one at the same moment. Open the list, look which one it is, and save again."
        ),
        "label_tag_once": gettext_noop(
            "This label writes an RFID tag, and two tags of one thing count as two. Print one copy, or choose one without a tag."
        ),
        "label_copies": gettext_noop("“{thing}” is no number of copies. Choose from 1 to {most}."),
        "label_none_here": gettext_noop("Nothing here has a label. Choose something else."),
    }
)  # fmt: skip

CONSTRAINTS = {
    "label_template_one_usual": "label_usual_twice",
    "label_template_name_once": "label_name_taken",
}

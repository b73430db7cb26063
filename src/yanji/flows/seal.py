"""The seal of a box: what a scan of it, or of a thing in it, says of that to pages and to programs."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .scanning import Meaning


def seal_note(meaning: Meaning) -> str:
    """What a scan says of the seal of a box: something is missing from it, or is about to be."""
    if meaning.packed_in:
        return _("Packed in %(box)s: taking it alone breaks the seal.") % {"box": meaning.packed_in}
    gone = meaning.box.pieces_out if meaning.box else 0
    if gone:
        said = ngettext("%(n)s piece was taken out of it.", "%(n)s pieces were taken out of it.", gone)
        return said % {"n": gone}
    return ""


def counted_note(meaning: Meaning) -> str:
    """The same of a thing that a count finds elsewhere than the ledger has it: posted, it goes its own way."""
    if not meaning.packed_in:
        return ""
    said = _(
        "Packed in %(box)s: unless all of the box lies here, its seal counts as broken once this is posted."
    )
    return said % {"box": meaning.packed_in}

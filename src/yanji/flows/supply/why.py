"""Why an item was asked for: what the levels said at that moment, kept as figures and told in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .propose import Proposal


def why_of(proposal: Proposal) -> dict[str, Any]:
    """What a requisition's line keeps of a proposal: the places that are low, and what is coming already. Pure."""
    return {
        "quantity": proposal.quantity,
        "coming": proposal.coming,
        "low": [
            {
                "zh": each.level.place.name_zh, "en": each.level.place.name_en, "here": each.here,
                "minimum": each.level.minimum, "maximum": each.level.maximum,
            }
            for each in proposal.low
        ],
    }  # fmt: skip


def told(why: Mapping[str, Any]) -> str:
    """The same in a few words; empty where nothing was proposed."""
    english = (get_language() or "").startswith("en")
    said = [
        _("%(place)s: %(here)s there, kept between %(minimum)s and %(maximum)s")
        % {**each, "place": (english and each["en"]) or each["zh"]}
        for each in why.get("low", ())
    ]
    if why.get("coming"):
        said.append(_("%(n)s coming") % {"n": why["coming"]})
    return " · ".join(said)


def told_of(why: Mapping[str, Any], asked: int) -> str:
    """The reason with, where the person asked for another quantity, what had been proposed."""
    if not why:
        return ""
    said = [told(why)]
    if why["quantity"] != asked:
        said.append(_("%(n)s were proposed") % {"n": why["quantity"]})
    return " · ".join(each for each in said if each)

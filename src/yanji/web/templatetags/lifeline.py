"""What the entries of a life line say besides who, where and why; and what of an address no page could look back at."""

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from yanji.ledger.api import Passage

from .. import moments
from ..life import facts
from .yanji import moment

register = template.Library()
register.simple_tag(facts, name="passage_facts")


@register.simple_tag
def recorded(passage: Passage) -> str:
    """When an entry came into the log, beside when the thing itself happened."""
    happened, entered = moment(passage.happened_at), moment(passage.recorded_at)
    return _("recorded at once") if happened == entered else _("recorded %(at)s") % {"at": entered}


@register.simple_tag(takes_context=True)
def moments_unread(context: Context) -> list[str]:
    """A sentence for each time that the address asks for and the page cannot show."""
    return moments.unread(context["request"])

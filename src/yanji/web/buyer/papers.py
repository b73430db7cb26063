"""Papers to renew: licences, authorisations, registrations and contracts that lapse within 90 days, have, or were never shown."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yanji.catalog.models import Licence
from yanji.flows.buying.due import AHEAD, DEALS, KEEPS, LEVELS, UNSHOWN, counted, papers_seen
from yanji.flows.buying.unshown import MOST
from yanji.flows.portal.papers import offered_papers

from ..flow.gate import needs
from ..flow.sent import number_in
from ..page import page, page_of

MOST_OFFERED = 50
NAMES = {UNSHOWN: "never"}
LICENCES = tuple(Licence.Kind.values)
KINDS = {"licence": LICENCES, "registration": ("registration",), "contract": ("contract",)}


@needs(*DEALS, *KEEPS)
@require_safe
def papers_page(request: HttpRequest) -> HttpResponse:
    """All that concerns the reader, or one kind, or one level of urgency; the most urgent on top."""
    kind, level = request.GET.get("kind", ""), request.GET.get("level", "")
    found = papers_seen(request.actor, today=timezone.localdate(), days=AHEAD, kinds=KINDS.get(kind, ()))
    levels = counted(found)
    wanted = UNSHOWN if level == NAMES[UNSHOWN] else number_in(level, 3)
    shown = [paper for paper in found if wanted is None or paper.level == wanted]
    return page(
        request,
        "buyer/papers.html",
        rows=page_of(request, shown),
        offered=offered_papers(request.actor, waiting=True)[:MOST_OFFERED],
        kind=kind,
        deals=any(request.actor.may(each) for each in DEALS),
        level=NAMES.get(wanted, wanted),
        levels=[(NAMES.get(each, each), levels[each]) for each in (0, *LEVELS, UNSHOWN)],
        most=MOST if wanted in (None, UNSHOWN) and levels[UNSHOWN] >= MOST else 0,
    )

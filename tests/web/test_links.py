"""No page offers what its reader may not open: every link on every page of every person is followed once."""

import re
from html import unescape

import pytest
from django.test import Client

from tests.web.test_access_matrix import PARAMETER, expected
from tests.web.test_page_budgets import BY_WHOM, SHOWN
from tests.web.world import World

LINK = re.compile(r'<a\b[^>]*?\shref="(/[^"#]*)')
CLOSED = {401, 403, 404}
NOT_PAGES = ("api/", "static/")


def seen_by(world: World, who: str) -> list[str]:
    """Addresses of every page that the table of access shows to somebody."""
    table = expected()
    column = table.pop("_people").index(who)
    return [
        "/" + PARAMETER.sub(lambda match: str(world.samples[match.group(1)]), route)
        for method, _space, route in (
            row.partition(" ") for row in table if table[row].split()[column] in SHOWN
        )
        if method == "GET" and not route.startswith(NOT_PAGES)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("who", BY_WHOM)
def test_every_link_opens_for_who_is_shown_it(hospital_day: World, who: str) -> None:
    client = Client()
    reader = hospital_day.people[who]
    assert reader is not None
    client.force_login(reader)
    offered: dict[str, str] = {}
    for address in seen_by(hospital_day, who):
        answer = client.get(address)
        if not answer.streaming and answer["Content-Type"].startswith("text/html"):
            for link in LINK.findall(answer.content.decode()):
                offered.setdefault(unescape(link), address)
    assert offered
    closed = {
        f"{link} ({status}) on {page}"
        for link, page in offered.items()
        if (status := client.get(link).status_code) in CLOSED
    }
    assert not closed, "\n".join(sorted(closed))

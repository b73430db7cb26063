"""No page offers what its reader may not open: every link on every page of every person is followed once."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web.test_access_matrix import PARAMETER, expected
from tests.web.test_page_budgets import BY_WHOM, SHOWN
from tests.web.world import World

LINK = re.compile(r'<a\b[^>]*?\shref="(/[^"#]*)')
CLOSED = {401, 403, 404}
NOT_PAGES = ("api/", "static/")


def names(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, int]]:
    """Each name of an address, in its space, and how many parameters it takes."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", len(PARAMETER.findall(str(pattern.pattern)))


def test_no_two_addresses_answer_to_one_name() -> None:
    """Of two such, a form that names its address would be sent to the other. The interface's are told apart by method."""
    pages = Counter(each for each in names(get_resolver()) if not each[0].startswith("api-"))
    assert [name for name, times in pages.items() if times > 1] == []


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

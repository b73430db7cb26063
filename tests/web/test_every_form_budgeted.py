"""Every page says what it costs: a form, a scan or a page that stands in no file of budgets fails here."""

from collections.abc import Iterator
from functools import cache

from django.urls import URLResolver, get_resolver

from tests.web.flows.test_budgets import BUDGETS as SHOWN
from tests.web.flows.test_post_budgets import SENT as POSTED
from tests.web.test_access_matrix import expected
from tests.web.test_form_budgets import SENT
from tests.web.test_page_budgets import budgets as pages

# Its route -> why it is in no budget.
NO_PAGE = {
    "sign-in": "whoever is signed in is led on: what it costs stands among the forms, sent",
}


def named(resolver: URLResolver | None = None, route: str = "", app: str = "") -> Iterator[tuple[str, str]]:
    """Route, and the name of its view as budgets write it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from named(pattern, here, pattern.app_name or app)
        else:
            yield here, f"{app}:{pattern.name}"


@cache
def answers() -> dict[str, set[str]]:
    """Method and route -> the codes that people get."""
    return {row: set(codes.split()) for row, codes in expected().items() if row != "_people"}


def refuses(method: str, route: str) -> bool:
    """Whether the page takes no such request, whoever asks: it says so with 405 to somebody."""
    return "405" in answers()[f"{method} {route}"]


def routes() -> list[tuple[str, str]]:
    return [(route, name) for route, name in named() if not route.startswith("api/")]


def test_every_form_stands_in_a_file_of_budgets() -> None:
    by_view = {name.partition(" ")[0] for name in (*POSTED, *SENT)}
    # What is sent to an address that only takes forms; of a page that is also shown, that file names the showing.
    scans = {name.partition(" ")[0] for name in SHOWN}
    missing = [
        f"{name}  ({route})"
        for route, name in routes()
        if not refuses("POST", route) and name not in by_view
        and not (name in scans and refuses("GET", route))
    ]  # fmt: skip
    assert missing == [], "forms without a budget: give each a sample in tests/web/forms"


def test_every_page_stands_in_a_file_of_budgets() -> None:
    known = {page.partition(" ")[2] for page in pages()}
    missing = [route for route, _name in routes() if not refuses("GET", route) and route not in known]
    assert sorted(missing) == sorted(NO_PAGE)

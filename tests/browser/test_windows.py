"""Windows that tests lend one another hold nothing of who was there before, wherever that was, and end with their test."""

from typing import Any

import pytest

from tests.browser.windows import AT_REST, Windows, close_lent, windows

pytestmark = pytest.mark.browser
KEEP, KEPT = "localStorage.setItem('who', 'somebody')", "localStorage.getItem('who')"


def test_a_window_is_empty_at_every_address_that_it_was_at(browser: Any, live_server: Any) -> None:
    own, other = live_server.url, live_server.url.replace("localhost", "127.0.0.1")
    assert own != other
    lender = Windows(browser)
    window = lender.lend()
    for server in (own, other):
        page = window.new_page()
        page.goto(server + AT_REST)
        page.evaluate(KEEP)
    window.close()
    again = lender.lend()
    assert again is window
    page = again.new_page()
    for server in (own, other):
        page.goto(server + AT_REST)
        assert page.evaluate(KEPT) is None
    again.context.close()


def test_what_a_test_left_open_is_closed_after_it_and_lent_no_more(browser: Any, live_server: Any) -> None:
    lender = windows(browser)
    left = lender.lend(locale="fr")
    page = left.new_page()
    page.goto(live_server.url + AT_REST)
    close_lent()
    assert page.is_closed()
    left.close()
    assert lender.lend(locale="fr") is not left

"""What every request meets before any page: bounds, policies, health."""

import json
from typing import Any

import pytest
from django.test import Client

BIG = json.dumps({"text": "x" * 5_000_000})


def shape(answer: Any) -> tuple[str, int]:
    """The code of an error in the API's one shape, and how many sentences it has."""
    content = answer.json()
    assert set(content) >= {"code", "sentences", "offences"}
    assert [set(each) for each in content["offences"]] == [{"code", "thing", "sentence"}]
    return content["code"], len(content["sentences"])


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("zh-hans", "过大"), ("en", "too large")])
def test_a_body_of_5_megabytes_is_refused_by_the_interface_in_its_shape(
    client: Client, language: str, word: str
) -> None:
    answer = client.post(
        "/api/v1/anything", BIG, content_type="application/json", headers={"Accept-Language": language}
    )
    assert (answer.status_code, shape(answer)) == (413, ("too_large", 1))
    assert word in answer.json()["sentences"][0]


@pytest.mark.django_db
def test_a_body_of_5_megabytes_is_refused_by_a_page(client: Client) -> None:
    answer = client.post("/sign-in", BIG, content_type="text/plain")
    assert answer.status_code == 413
    assert "y-error" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing-here", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("DELETE", "/api/v1/units/view", 405, "wrong_method"),
    ],
)
def test_the_interface_has_one_shape_where_no_view_answers(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client.generic(method, path, headers={"Accept-Language": "en"})
    assert (answer.status_code, shape(answer)) == (status, (code, 1))
    assert answer.json()["sentences"][0].isascii()
    assert status != 405 or answer.headers["Allow"]


@pytest.mark.django_db
def test_the_interface_breaks_in_its_shape(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("yanji.exchange.api.auth.Bearer.authenticate", broken)
    client.raise_request_exception = False
    answer = client.get("/api/v1/me", headers={"Authorization": "Bearer x", "Accept-Language": "en"})
    assert (answer.status_code, shape(answer)) == (500, ("broken", 1))


@pytest.mark.django_db
def test_a_page_says_in_words_that_it_takes_no_such_method(client: Client) -> None:
    answer = client.delete("/sign-in")
    assert answer.status_code == 405
    assert "y-error" in answer.content.decode()
    assert "GET" in answer.headers["Allow"]


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["-1", "many", "1e9", ""])
def test_a_length_that_is_none_does_no_harm(client: Client, length: str) -> None:
    assert client.get("/healthz", CONTENT_LENGTH=length).status_code == 200


@pytest.mark.django_db
def test_a_visitor_may_ask_for_health_and_is_told_no_more(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/%ff%fe", "/a\x00b", "/../../etc/passwd", "/'; DROP TABLE ledger_event; --"]
)
def test_strange_addresses_are_answered_calmly(client: Client, path: str) -> None:
    assert client.get(path).status_code < 500

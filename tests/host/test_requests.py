"""What every request meets before any page: bounds, policies, health."""

import json

import pytest
from django.test import Client

BIG = json.dumps({"text": "x" * 5_000_000})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/anything", "application/json"), ("/sign-in", "text/plain")]
)
def test_a_body_of_5_megabytes_is_refused_with_a_sentence(client: Client, path: str, kind: str) -> None:
    answer = client.post(path, BIG, content_type=kind)
    assert answer.status_code == 413
    assert "过大" in answer.content.decode() or "过大" in answer.json()["detail"]


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

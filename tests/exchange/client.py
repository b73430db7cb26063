"""A client of the JSON API as another system would be one."""

import json
from typing import Any

from django.test import Client

from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.models import Person
from yanji.access.tokens import create_token

BASE = "/api/v1"


class ApiClient:
    """Speaks as one person, in one language; ``post`` adds a key of its own."""

    def __init__(self, person: Person | None, language: str = "en") -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Accept-Language": language}
        if person is not None:
            _kept, secret = create_token(actor=Actor(person.pk, person.name), name="test")
            self.headers["Authorization"] = f"Bearer {secret}"

    def post(self, path: str, **payload: Any) -> Any:
        return self.raw(path, json.dumps({"key": unique("api"), **payload}, default=str))

    def send(self, path: str, **payload: Any) -> Any:
        """As ``post``, without a key: for what names itself otherwise."""
        return self.raw(path, json.dumps(payload, default=str))

    def raw(self, path: str, body: str | bytes, content_type: str = "application/json") -> Any:
        return self.client.post(BASE + path, body, content_type=content_type, headers=self.headers)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(BASE + path, query, headers=self.headers)

    def done(self, path: str, **payload: Any) -> dict[str, Any]:
        """What an act answers that must succeed."""
        response = self.post(path, **payload)
        assert response.status_code == 200, response.content.decode()
        return response.json()

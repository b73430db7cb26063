"""What a browser posts on the flow pages, in few words."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from tests.makers import unique

from .world import World


def key(act: str) -> str:
    return f"{act}:{unique('k')}"


def scanned(client: Client, path: str, raw: str, **form: Any) -> HttpResponse:
    """The answer to one scan: a row."""
    return client.post(f"{path}/scan", {"scan": raw, **form}, headers={"HX-Request": "true"})


def listed(world: World, *scans: str) -> dict[str, Any]:
    """The hidden fields of rows that were answered before."""
    return {
        "line": list(scans),
        "row": [f"row {n}" for n in range(len(scans))],
        "of": [world.item.pk] * len(scans),
    }


def result(answer: HttpResponse) -> str:
    """What the first row of an answer is: ok, warn or error."""
    found = re.search(r'data-result="(\w+)"', answer.content.decode())
    return found.group(1) if found else ""


def inside(answer: HttpResponse) -> dict[str, int]:
    """Item -> pieces of it that the row of a box counts for; empty where it is none."""
    found = re.search(r'data-inside="([^"]*)"', answer.content.decode())
    return json.loads(unescape(found.group(1))) if found else {}


def sentences(answer: HttpResponse) -> str:
    """All of a page as one line of text."""
    return (
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
        .replace("&quot;", '"')
        .replace("&#x27;", "'")
    )


def hidden_key(answer: HttpResponse, act: str) -> str:
    """The key that a page was given for its act."""
    found = re.search(rf'name="key" value="({act}:\w+)"', answer.content.decode())
    assert found, f"no key for {act}"
    return found.group(1)


def send_raw(client: Client, path: str, body: bytes) -> HttpResponse:
    """A form as bytes, for what no browser would send."""
    return client.post(path, body, content_type="application/x-www-form-urlencoded")


def form(**fields: Any) -> bytes:
    return urlencode(fields, doseq=True).encode()

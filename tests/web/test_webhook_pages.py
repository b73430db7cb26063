"""The key of another system on its page: made once for each press, and never shown where it signs nothing."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.flows.site import Site, person, site
from tests.makers import everything, unique
from yanji.notify.hooks import add_hook
from yanji.notify.models import Hook


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


def shown(response: Any) -> str:
    found = re.search(r'class="y-secret[^"]*">([^<]+)<', response.content.decode())
    return found[1] if found else ""


def pressed(client: Client, response: Any, hook_id: int) -> Any:
    """New key pressed on a page that was answered; with what its form takes along."""
    address = f"/masterdata/webhooks/{hook_id}/key"
    form = re.search(rf'action="{address}"[^>]*>(.*?)</form>', response.content.decode(), re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(key)" value="([^"]*)"', re.sub(r"\s+", " ", form[1])))
    return client.post(address, fields), fields


def test_a_press_of_new_key_makes_one_however_often_it_is_sent(here: Site) -> None:
    keeps = person("administrator", here.h.campus)
    made = add_hook(
        actor=everything(here.h.campus, keeps), key=unique("k"), name="D", address="https://example.org/"
    )
    client = Client()
    client.force_login(keeps)
    first, fields = pressed(client, client.get("/masterdata/webhooks"), made.id)
    secret = Hook.objects.get(pk=made.id).secret
    assert shown(first) == secret
    again = client.post(f"/masterdata/webhooks/{made.id}/key", fields)  # loaded anew
    assert (again.status_code, shown(again), Hook.objects.get(pk=made.id).secret) == (200, "", secret)
    assert 'class="y-message y-warn"' in again.content.decode()
    for page in (first, again):  # pressed on what was answered it is another press
        answer, other = pressed(client, page, made.id)
        assert other != fields
        assert shown(answer) == Hook.objects.get(pk=made.id).secret != secret
        secret = shown(answer)

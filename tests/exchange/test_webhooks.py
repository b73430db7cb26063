"""Which systems are told, by a program: the key is told once, and can be changed."""

from tests.exchange.client import ApiClient
from tests.flows.site import Site, person
from yanji.notify.models import Hook

ADDRESS = "https://example.org/told"


def test_a_system_is_entered_its_key_changed_and_ended(committed: Site) -> None:
    admin = ApiClient(person("administrator", committed.h.campus))
    made = admin.done("/webhooks", name="Display", address=ADDRESS, kinds=["expired"])
    hook = Hook.objects.get(pk=made["id"])
    assert made["secret"] == hook.secret
    changed = admin.done(f"/webhooks/{hook.pk}/key")
    hook.refresh_from_db()
    assert (changed["secret"], changed["secret"] != made["secret"]) == (hook.secret, True)
    [row] = admin.get("/webhooks").json()
    assert (row["address"], row["kinds"], row["active"], "secret" in row) == (
        ADDRESS,
        ["expired"],
        True,
        False,
    )
    assert admin.done(f"/webhooks/{hook.pk}/active", active=False)["state"] == "ended"


def test_a_key_is_told_once_and_only_to_who_keeps_the_rules(committed: Site) -> None:
    admin = ApiClient(person("administrator", committed.h.campus))
    said = {"key": "once", "name": "Display", "address": ADDRESS}
    first, second = (admin.post("/webhooks", **said).json() for _ in range(2))
    assert (bool(first["secret"]), second["secret"], second["repeated"]) == (True, "", True)
    keeper = ApiClient(committed.storekeeper)
    assert keeper.get("/webhooks").json() == []
    assert keeper.post(f"/webhooks/{first['id']}/key", key="k").status_code == 409

"""What was typed is typed once: a refused form comes back filled, whichever page it stands on."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from tests.web.test_access_matrix import PARAMETER, routes
from tests.web.world import World
from yanji.web.typed import Form, Forms, retyped

PAGE = """<details><summary>A</summary>
<form method="post" action="/a"><input type="hidden" name="line" value="7"><input type="hidden" name="key" value="k:2">
<select name="verdict"><option value="x" selected>X</option><option value="y">Y</option></select>
<input name="note" value=""><textarea name="why">old</textarea><input type="checkbox" name="all" checked>
<input type="password" name="secret"><template><input name="note"></template></form></details>
<form method="post" action="/a"><input type="hidden" name="line" value="8"><input name="note"></form>
<input name="outside"><form method="get" action="/a"><input name="note"></form>"""
SENT = {
    "line": ["7"], "key": ["k:1"], "verdict": ["y"], "note": ['1" <b>'], "why": ["</textarea>"], "secret": ["s"],
    "outside": ["o"],
}  # fmt: skip


def test_the_form_that_was_sent_is_filled_and_no_other() -> None:
    came = retyped(PAGE, "/a", SENT)
    assert '<details open=""><summary>A</summary>' in came
    assert '<option value="x">X</option><option value="y" selected="">Y</option>' in came
    assert '<input name="note" value="1&quot; &lt;b&gt;">' in came
    assert '<textarea name="why">&lt;/textarea&gt;</textarea><input type="checkbox" name="all">' in came
    assert '<input type="hidden" name="key" value="k:2">' in came, "the key is the page's own"
    assert '<input type="password" name="secret">' in came
    assert came.endswith(PAGE.partition("</details>")[2]), (
        "the other line's form, a search, and what is in none"
    )


@pytest.mark.parametrize(
    ("path", "sent"),
    [("/b", SENT), ("/a", {"line": ["9"], "note": ["x"]}), ("/a", {"line": ["8"], "note": ["x", "y"]})],
)
def test_a_page_without_that_form_or_with_other_rows_stays_as_it_is(
    path: str, sent: dict[str, list[str]]
) -> None:
    assert retyped(PAGE, path, sent) == PAGE


# The whole house: every form that anybody sees, sent with what no field takes.

TYPED = {"number": "1e9x", "date": "2027-99-99", "datetime-local": "2027-99-99T10:00"}
LONG = "typed " * 1000


def bad(form: Form) -> dict[str, list[str]]:
    """Every field of a form filled with what cannot be meant; what is chosen stays as the page offers it."""
    sent: dict[str, list[str]] = {}
    for each in form.fields:
        kind, name = each.get("type", "text"), each.get("name")
        if not name or kind in ("file", "password", "submit", "button", "checkbox", "radio"):
            continue
        value = each.get("value") if kind == "hidden" else TYPED.get(kind, LONG.strip())
        if each.name == "select":
            value = next((option.get("value") for choice, option in form.options[::-1] if choice == name), "")
        sent.setdefault(name, []).append(value)
    return sent


def typed_in(form: Form, sent: dict[str, list[str]]) -> dict[str, list[str]]:
    """What a person typed into the fields that are read as text."""
    names = [
        each.get("name")
        for each in form.fields
        if each.get("name") in sent and each.name != "select" and each.get("type", "text") != "hidden"

    ]  # fmt: skip
    return {name: sent[name] for name in names if name}


def forms_of(world: World, client: Client) -> Iterator[tuple[str, str, Form]]:
    """(page, where it is sent, form) of every posted form that a person finds."""
    for route in sorted(routes()):
        named = PARAMETER.findall(route)
        if route.startswith(("api/", "admin/", "accounts/", "language")) or not set(named) <= set(
            world.samples
        ):
            continue
        address = "/" + PARAMETER.sub(lambda found: str(world.samples[found.group(1)]), route)
        answer = client.get(address)
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            for form in Forms(answer.content.decode()).forms:
                yield address, form.tag.get("action") or address, form


def lost(client: Client, address: str, form: Form) -> list[str] | None:
    """The fields whose text is gone after the refusal; None where the form was not refused."""
    sent = bad(form)
    wanted = typed_in(form, sent)
    if not wanted:
        return None
    with transaction.atomic():
        answer = client.post(address, sent)
        transaction.set_rollback(True)
    if answer.status_code != 409 or "html" not in answer.headers["Content-Type"]:
        return None
    shown = retyped_fields(answer.content.decode())
    return [name for name, values in wanted.items() if not set(values) <= shown.get(name, set())]


def retyped_fields(html: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for form in Forms(html).forms:
        for each in form.fields:
            text = html[each.end : each.text_end] if each.name == "textarea" else each.get("value")
            found.setdefault(each.get("name"), set()).add(text)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("who", ["storekeeper", "nurse", "buyer", "manager", "supplier"])
def test_every_form_keeps_what_was_typed(hospital_day: World, who: str) -> None:
    client, seen, gone, kept = Client(), set(), [], 0
    person = hospital_day.people[who]
    assert person is not None
    client.force_login(person)
    for page, address, form in forms_of(hospital_day, client):
        names = tuple(sorted({each.get("name") for each in form.fields}))
        if (address, names) in seen:
            continue
        seen.add((address, names))
        missing = lost(client, address, form)
        kept += missing == []
        gone += [f"{page} -> {address}: {', '.join(missing)}"] if missing else []
    assert gone == []
    assert kept >= 3, "there were forms to be refused"

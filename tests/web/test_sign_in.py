"""The door: who gets in, what slows down who guesses, and what the shell remembers of a person."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from yanji.access.models import Person
from yanji.web.lockout import LOCK_AFTER_FAILURES

NAME, PASSWORD = "keeper", "Wild-geese-7"


@pytest.fixture
def keeper(db: None) -> Person:
    password = make_password(PASSWORD)
    return Person.objects.create(username=NAME, password=password, name_zh="李文", name_en="Li Wen")


def _try(client: Client, password: str, name: str = NAME, **more: Any) -> Any:
    return client.post("/sign-in", {"username": name, "password": password, **more})


def test_in_and_out(keeper: Person) -> None:
    client = Client()
    assert client.get("/").status_code == 302
    assert _try(client, PASSWORD)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 302
    assert client.get("/").status_code == 302


def test_the_way_back_stays_in_the_house(keeper: Person) -> None:
    assert _try(Client(), PASSWORD, next="/stock")["Location"] == "/stock"
    assert _try(Client(), PASSWORD, next="https://elsewhere.example/")["Location"] == "/"


def test_guessing_closes_the_door_for_that_name_and_address_alone(keeper: Person) -> None:
    client = Client(REMOTE_ADDR="10.0.0.1")
    for _attempt in range(LOCK_AFTER_FAILURES):
        assert _try(client, "wrong").status_code == 200
    assert "密码错误次数过多" in _try(client, PASSWORD).content.decode()
    assert _try(Client(REMOTE_ADDR="10.0.0.2"), PASSWORD).status_code == 302


@pytest.mark.parametrize("name", ["", "x" * 5000, "'; --", "<b>", "a\x00b"])
def test_any_name_is_an_answer(db: None, name: str) -> None:
    assert _try(Client(), "x", name=name).status_code == 200


def test_demo_accounts_only_in_a_demonstration(db: None, settings: Any) -> None:
    settings.YANJI_DEMO_ACCOUNTS = [("keeper", "goose", "storekeeper")]
    assert "data-demo-username" not in Client().get("/sign-in").content.decode()
    settings.YANJI_DEMO = True
    assert 'data-demo-username="keeper"' in Client().get("/sign-in").content.decode()


def test_language_and_theme_stay_with_the_person(keeper: Person) -> None:
    client = Client()
    assert 'lang="zh-hans"' in client.get("/sign-in", headers={"Accept-Language": "en"}).content.decode()
    client.force_login(keeper)
    assert (
        client.post("/preferences", {"language": "en", "theme": "dark", "back": "/stock"})["Location"]
        == "/stock"
    )
    page = client.get("/").content.decode()
    assert 'lang="en"' in page
    assert 'data-y-theme="dark"' in page
    keeper.refresh_from_db()
    assert (keeper.language, keeper.theme) == ("en", "dark")


def _spoken(client: Client) -> str:
    page = client.get("/").content.decode()
    return page.split('<html lang="')[1].split('"')[0]


def test_the_language_chosen_at_the_door_goes_in_with_who_never_chose(keeper: Person) -> None:
    client = Client()
    client.post("/preferences", {"language": "en", "back": "/sign-in"})
    _try(client, PASSWORD)
    assert _spoken(client) == "en"
    keeper.refresh_from_db()
    assert keeper.language == "en"


def test_the_last_choice_on_a_browser_holds_for_the_next_who_never_chose(keeper: Person) -> None:
    colleague = Person.objects.create(username="nurse", password=keeper.password, name_zh="王")
    client = Client()
    client.post("/preferences", {"language": "en", "back": "/sign-in"})
    _try(client, PASSWORD)
    client.post("/sign-out")
    _try(client, PASSWORD, name="nurse")
    assert _spoken(client) == "en"
    colleague.refresh_from_db()
    assert colleague.language == ""


@pytest.mark.parametrize(("at_the_door", "spoken"), [("", "zh-hans"), ("en", "en")])
def test_a_language_chosen_for_good_gives_way_only_to_a_choice_made_at_the_door(
    keeper: Person, at_the_door: str, spoken: str
) -> None:
    Person.objects.filter(pk=keeper.pk).update(language="zh-hans")
    client = Client()
    # Somebody else's choice of an earlier day.
    client.cookies["yanji_language"] = "en"
    if at_the_door:
        client.post("/preferences", {"language": at_the_door, "back": "/sign-in"})
    _try(client, PASSWORD)
    assert _spoken(client) == spoken
    keeper.refresh_from_db()
    assert keeper.language == spoken


def test_a_wrong_password_keeps_nothing_and_forgets_nothing(keeper: Person) -> None:
    client = Client()
    client.post("/preferences", {"language": "en", "back": "/sign-in"})
    _try(client, "wrong")
    keeper.refresh_from_db()
    assert keeper.language == ""
    _try(client, PASSWORD)
    keeper.refresh_from_db()
    assert keeper.language == "en"


@pytest.mark.parametrize(
    "sent",
    [{"language": "xx"}, {"theme": "pink"}, {"back": "//elsewhere.example"}, {"device": "手持机 7"}, {}],
)
def test_preferences_take_only_what_there_is(keeper: Person, sent: dict[str, str]) -> None:
    client = Client()
    client.force_login(keeper)
    assert client.post("/preferences", sent)["Location"] == "/"
    keeper.refresh_from_db()
    assert (keeper.language, keeper.theme) == ("", "auto")


def test_nothing_typed_can_run(keeper: Person) -> None:
    policy = Client().get("/sign-in")["Content-Security-Policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "unsafe-eval" not in scripts.replace("wasm-unsafe-eval", "")


def test_htmx_is_sent_to_the_door_not_given_it(db: None) -> None:
    answer = Client().get("/stock", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize(
    ("address", "status"), [("/nowhere", 404), ("/lot/1", 404), ("/unit/" + "x" * 3000, 404)]
)
def test_error_pages_teach(keeper: Person, address: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(keeper)
    answer = client.get(address)
    assert answer.status_code == status
    assert "这里没有内容" in answer.content.decode()


def test_a_form_from_a_stale_page_is_refused_in_words(keeper: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(keeper)
    answer = client.post("/preferences", {"theme": "dark"})
    assert answer.status_code == 403
    assert "页面已失效" in answer.content.decode()

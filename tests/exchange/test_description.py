"""The interface describes itself completely, and is where it should be."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.contrib.staticfiles import finders
from django.urls import get_resolver
from ninja import Schema

from tests.exchange.client import ApiClient
from tests.flows.site import Site
from yanji.exchange.api import api
from yanji.flows.models import PurchaseOrder, Receipt

MODEL = "LKK19-7"


def test_openapi_names_every_address_with_its_errors() -> None:
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    assert schema["openapi"].startswith("3.1")
    assert len(schema["paths"]) > 45
    names = [operation["operationId"] for path in schema["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation.get("description"), path
            if not path.endswith(".pdf"):
                assert {"200", "404", "409", "422"} <= {str(code) for code in operation["responses"]}, path


def test_every_shape_has_a_name_of_its_own() -> None:
    """The description knows shapes by name alone: of two with one name, the last would be described as both."""
    assert api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    names = Counter(shape.__name__ for shape in shapes_below(Schema))
    assert len(names) > 150
    assert [name for name, count in names.items() if count > 1] == []


def shapes_below(base: type[Schema]) -> Iterator[type[Schema]]:
    for shape in base.__subclasses__():
        if shape.__module__.startswith("yanji."):
            yield shape
        yield from shapes_below(shape)


def test_every_text_and_list_has_a_longest_length() -> None:
    schemas = api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    unbounded = [
        f"{name}.{field}"
        for name, shape in schemas.items()
        if shape.get("additionalProperties") is False
        for field, what in shape["properties"].items()
        for option in [what, *what.get("anyOf", [])]
        if (option.get("type") == "string" and not {"maxLength", "format", "enum", "pattern"} & option.keys())
        or (option.get("type") == "array" and "maxItems" not in option)
    ]
    assert unbounded == []


def test_the_description_is_served_and_every_list_answers(committed: Site) -> None:
    keeper = ApiClient(committed.storekeeper)
    assert keeper.get("/openapi.json").json()["info"]["title"] == "Yanji"
    committed.stocked(2)
    type(committed.h.item).objects.filter(pk=committed.h.item.pk).update(model=MODEL)
    wanted = committed.requisition()
    order, receipt = PurchaseOrder.objects.get(), Receipt.objects.get()
    lists = (
        "/me", "/tokens", "/orders", "/notices", "/receipts", "/requisitions", "/issues", "/cases", "/items", "/places",
        "/stock", "/stock/expiring", "/lifecycle", f"/orders/{order.pk}", f"/receipts/{receipt.pk}",
        f"/requisitions/{wanted.id}",
        f"/items/{committed.h.item.pk}", f"/stock/candidates?item_id={committed.h.item.pk}&place_id={committed.h.store.pk}",
    )  # fmt: skip
    for path in lists:
        response = keeper.get(path)
        assert response.status_code == 200, (path, response.content)
    for part in (committed.h.item.code[:-1], MODEL[1:]):
        assert committed.h.item.pk in [row["id"] for row in keeper.get("/items", text=part).json()], part
    figures = keeper.get("/stock").json()
    assert [row["quantity"] for row in figures] == ["2.000"]
    assert figures[0]["value"] is None


def test_the_description_can_be_read_without_asking_another_site(db: None) -> None:
    page = ApiClient(None).get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href|url)"?[=:]\s*"([^"]+)"', page.content.decode())
    assert "/api/v1/openapi.json" in addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses), addresses
    for name in ("swagger-ui-bundle.js", "swagger-ui-init.js", "swagger-ui.css"):
        assert finders.find(f"ninja/{name}"), name


def test_it_is_mounted_beside_the_pages(committed: Site, settings) -> None:
    settings.ROOT_URLCONF = "yanji.host.urls"
    assert get_resolver("yanji.host.urls").resolve("/api/v1/openapi.json").namespace == "api-1"
    assert ApiClient(None).get("/me").status_code == 401
    assert ApiClient(committed.nurse).get("/me").json()["person_id"] == committed.nurse.pk


def test_it_is_described_once_a_process() -> None:
    """A visitor may ask for it as often as he likes; worked out each time, it would keep the server from its work."""
    asked = ApiClient(None)
    first = asked.get("/openapi.json").json()
    drawn = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ninja.main.get_schema", lambda *given, **more: drawn.append(given))
        assert asked.get("/openapi.json").json() == first
    assert drawn == []

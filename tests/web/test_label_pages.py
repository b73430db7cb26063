"""Labels are printed from the pages of what they are stuck on, and their templates edited beside a picture of them."""

import json
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client

from tests.browser.printed import scans_of
from tests.flows.site import GTIN, person
from tests.flows.zpl import printed
from tests.makers import unique
from tests.web.world import World
from yanji.access.tokens import create_token
from yanji.catalog.models import Item
from yanji.flows.constraints import CONSTRAINTS
from yanji.flows.printing import sheets
from yanji.flows.printing.keep import save_template, shipped
from yanji.flows.printing.layout import laid_out
from yanji.flows.printing.models import LabelTemplate
from yanji.flows.printing.subject import sample
from yanji.flows.printing.svg import label_svg
from yanji.identity import Identity, read, read_tag
from yanji.ledger.refused import SENTENCES


def signed_in(who) -> Client:
    client = Client()
    client.force_login(who)
    return client


def edited(client: Client, address: str, **changes: object):
    """The editor's form as its page shows it, sent with some fields changed."""
    context = client.get(address).context
    rows = context["rows"]
    sent = {name: [row[name] for row in rows] for name in rows[0]}
    sent |= {
        "key": f"label_template:{unique('k')}", "name": unique("T"), "width": context["sizes"]["width"],
        "height": context["sizes"]["height"], "dpi": "203", "active": "1",
    }  # fmt: skip
    return client, address, sent | changes


def test_a_unit_is_labelled_from_its_page(hospital_day: World) -> None:
    epc = hospital_day.site.stocked(1)[0]
    client = signed_in(hospital_day.site.storekeeper)
    assert f"/labels/unit/{epc}" in client.get(f"/unit/{epc}").content.decode()
    shown = client.get(f"/labels/unit/{epc}")
    assert "<svg" in shown.content.decode()
    file = client.get(f"/labels/unit/{epc}", {"form": "pdf", "copies": "3"})
    assert file["Content-Type"] == "application/pdf"
    pages = scans_of(file.content)
    assert len(pages) == 3
    found = read(next(iter(pages[0])))
    assert isinstance(found, Identity)
    assert found.epc == epc
    zpl = client.get(f"/labels/unit/{epc}", {"form": "zpl", "copies": "3"})
    assert "attachment" in zpl["Content-Disposition"]
    [label] = printed(zpl.content.decode())
    assert (label.scans, label.copies) == (pages[0], 3)
    for copies in ("0", "99", "1000", "abc"):
        refused = client.get(f"/labels/unit/{epc}", {"form": "pdf", "copies": copies})
        assert refused.status_code == 409
        assert f"“{copies}”不是份数。请选择 1 至 50。" in refused.content.decode()
    assert signed_in(hospital_day.people["elsewhere"]).get(f"/labels/unit/{epc}").status_code == 404


def test_places_boxes_and_deliveries_have_theirs(hospital_day: World) -> None:
    here = hospital_day.site
    client = signed_in(here.storekeeper)
    below = client.get(f"/labels/place/{here.h.store.pk}", {"below": "1", "form": "pdf"})
    texts = {scan[3:] for page in scans_of(below.content) for scan in page}
    assert {here.h.store.code, here.h.bin.code, here.h.other_bin.code} <= texts
    box = hospital_day.samples["box"]
    assert len(scans_of(client.get(f"/labels/box/{box}", {"form": "pdf"}).content)[0]) == 2
    receipt = client.get(f"/labels/receipt/{hospital_day.samples['receipt_id']}", {"form": "pdf"})
    assert len(scans_of(receipt.content)) >= 1


def test_a_program_gets_the_same_label_and_the_tag(hospital_day: World) -> None:
    here = hospital_day.site
    epc = here.stocked(1)[0]
    _token, secret = create_token(actor=here.keeper, name="printer")
    client = Client(headers={"authorization": f"Bearer {secret}"})
    tag = client.get("/api/v1/labels/tag", {"epc": epc}).json()
    found = read_tag(tag["tag"])
    assert isinstance(found, Identity)
    assert found.epc == tag["epc"] == epc
    for form, start in (("pdf", b"%PDF"), ("zpl", b"^XA"), ("svg", b"<svg")):
        answer = client.get("/api/v1/labels/file", {"epc": epc, "form": form})
        assert answer.content.startswith(start), answer.content[:200]
    assert client.get("/api/v1/labels/file", {"place_id": here.h.bin.pk, "form": "zpl"}).status_code == 200
    assert client.get("/api/v1/labels/file", {"form": "pdf"}).status_code == 404
    assert client.get("/api/v1/labels/file", {"epc": epc, "form": "exe"}).status_code == 404
    assert client.get("/api/v1/labels/templates", {"kind": "unit"}).json()[0]["id"] == 0


def test_the_picture_follows_what_is_typed(hospital_day: World) -> None:
    here = hospital_day.site
    admin = person("administrator", here.h.campus)
    client, _address, sent = edited(signed_in(admin), "/masterdata/label-templates/new/unit")
    preview = "/masterdata/label-templates/preview/unit"
    assert "<svg" in client.post(preview, sent).content.decode()
    epc = here.stocked(1)[0]
    assert here.h.item.name in client.post(preview, sent | {"of": epc}).content.decode()
    said = client.post(preview, sent | {"of": "NOBODY"}).content.decode()
    assert "sample" in said or "样例" in said
    small = client.post(preview, sent | {"w": ["4", *sent["w"][1:]]})
    assert 'role="alert"' in small.content.decode()
    assert client.post(preview, sent | {"width": "wide"}).status_code == 200
    more = client.post(preview, sent | {"add": "1"}).content.decode()
    assert more.count("<fieldset") == len(sent["type"]) + 1
    assert (
        client.post(preview, sent | {"drop": "1"}).content.decode().count("<fieldset")
        == len(sent["type"]) - 1
    )
    assert signed_in(here.storekeeper).post(preview, sent).status_code == 403


def test_a_template_is_saved_refused_and_used(hospital_day: World) -> None:
    here = hospital_day.site
    admin = signed_in(person("administrator", here.h.campus))
    client, address, sent = edited(admin, "/masterdata/label-templates/new/unit", usual="1", width="70")
    sent["campus_id"] = str(here.h.campus.pk)
    refused = client.post(address, sent | {"x": ["60", *sent["x"][1:]]})
    assert refused.status_code == 409
    assert not LabelTemplate.objects.filter(name=sent["name"]).exists()
    saved = client.post(address, sent | {"key": f"label_template:{unique('k')}"})
    assert saved.status_code == 302, saved.context["refused"].sentences()
    row = LabelTemplate.objects.get(name=sent["name"])
    assert (row.data["width"], row.usual, row.data["elements"]) == (
        70,
        True,
        shipped("unit").as_data()["elements"],
    )
    epc = here.stocked(1)[0]
    [label] = printed(
        signed_in(here.storekeeper).get(f"/labels/unit/{epc}", {"form": "zpl"}).content.decode()
    )
    assert label.width == 560
    shown = client.get(f"/masterdata/label-templates/{row.pk}")
    assert shown.status_code == 200
    assert row.name in client.get("/masterdata/label-templates").content.decode()
    json.dumps(row.data)


def test_a_campus_has_its_own_usual_label(hospital_day: World) -> None:
    here = hospital_day.site
    admin = here.actor(person("administrator", here.h.campus))
    saved = save_template(
        actor=admin, key=unique("k"), kind="unit", name="这里", data=shipped("unit").as_data() | {"dpi": 300},
        campus_id=here.h.campus.pk, usual=True,
    )  # fmt: skip
    page = signed_in(here.storekeeper).get(f"/labels/unit/{here.stocked(1)[0]}").content.decode()
    assert f'value="{saved.id}" selected' in page


def test_the_page_of_a_delivery_lays_out_few_and_its_file_all(
    hospital_day: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = hospital_day.site
    arrivals = [here.arrival() for _ in range(12)]
    received = here.receive(here.order((here.h.item, 12)), *arrivals)
    laid: list[Any] = []
    whole = sheets.laid_out
    monkeypatch.setattr(
        sheets, "laid_out", lambda template, subject: laid.append(1) or whole(template, subject)
    )
    client, address = signed_in(here.storekeeper), f"/labels/receipt/{received.id}"
    assert client.get(address).context["said"].startswith("12 ")
    assert 1 <= len(laid) <= 2
    laid.clear()
    assert len(scans_of(client.get(address, {"form": "pdf"}).content)) == len(laid) == 12


def test_of_each_item_of_a_delivery_one_is_tried(
    hospital_day: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page tries what the file would print: whose symbol does not fit may be the second item."""
    here = hospital_day.site
    other = Item.objects.create(code=unique("I"), name_zh="缝线", temperature_class="room")
    arrivals = [
        here.arrival(item=item, serial=serial, epc=f"01/{code}/21/{serial}")
        for item, code, serial in (
            (here.h.item, GTIN, unique("S")), (here.h.item, GTIN, unique("S")), (other, "06901234500028", "A1"),
        )
    ]  # fmt: skip
    received = here.receive(here.order((here.h.item, 2), (other, 1)), *arrivals)
    laid: list[Any] = []
    whole = sheets.laid_out
    monkeypatch.setattr(
        sheets, "laid_out", lambda template, subject: laid.append(subject) or whole(template, subject)
    )
    assert signed_in(here.storekeeper).get(f"/labels/receipt/{received.id}").status_code == 200
    assert [subject.fields["name_zh"] for subject in laid] == [here.h.item.name_zh, other.name_zh]


def test_too_many_are_refused_before_any_is_laid_out(
    hospital_day: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = hospital_day.site
    received = here.receive(here.order((here.h.item, 3)), *[here.arrival() for _ in range(3)])
    monkeypatch.setattr(sheets, "MOST_AT_ONCE", 2)
    answer = signed_in(here.storekeeper).get(f"/labels/receipt/{received.id}")
    assert answer.status_code == 409
    assert "<svg" not in answer.context["trouble"][0]


def test_a_label_that_writes_a_tag_is_printed_once(hospital_day: World) -> None:
    here = hospital_day.site
    made = save_template(
        actor=here.actor(person("administrator", here.h.campus)), key=unique("k"), kind="unit", name=unique("T"),
        data=shipped("unit").as_data() | {"rfid": True}, campus_id=here.h.campus.pk,
    )  # fmt: skip
    client = signed_in(here.storekeeper)
    address = f"/labels/unit/{here.stocked(1)[0]}"
    asked = {"template": made.id, "copies": "2"}
    refused = client.get(address, asked | {"form": "zpl"})
    assert refused.status_code == 409
    assert "RFID" in " ".join(refused.context["trouble"])
    assert "form=zpl" not in client.get(address, asked).content.decode()
    assert client.get(address, asked | {"form": "pdf"}).status_code == 200
    assert "^RFW" in client.get(address, asked | {"copies": "1", "form": "zpl"}).content.decode()


def test_what_was_typed_wrongly_is_named_beside_the_picture(hospital_day: World) -> None:
    client = signed_in(person("administrator", hospital_day.site.h.campus))
    _client, _address, sent = edited(client, "/masterdata/label-templates/new/unit")
    wrong = sent | {"align": ["upwards"] * len(sent["type"])}
    answer = client.post("/masterdata/label-templates/preview/unit", wrong)
    assert answer.status_code == 200
    assert "upwards" in " ".join(answer.context["wrong"])


def test_a_name_with_control_characters_is_still_a_picture() -> None:
    subject = sample("unit")
    odd = replace(subject, fields=subject.fields | {"name_zh": "Stent\x0b\x00 3.0"})
    parsed = fromstring(label_svg(laid_out(shipped("unit"), odd), title="Label"))
    assert "Stent 3.0" in "".join(parsed.itertext())


def test_two_usual_labels_at_once_are_refused_in_words() -> None:
    assert CONSTRAINTS["label_template_one_usual"] == "label_usual_twice"
    assert "moment" in SENTENCES["label_usual_twice"]

"""What is printed for a unit, a place, a box or a kit of the hospital is what the hospital's own scans find again."""

from typing import Any

import pytest

from tests.browser.printed import scans_of
from tests.flows.site import Site, contents, person
from tests.flows.zpl import printed as out_of_printer
from tests.makers import place, unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.flows.acts import Done
from yanji.flows.packing.bill import InKit, set_bill
from yanji.flows.packing.pack import pack
from yanji.flows.printing.keep import choices, chosen, label_template, save_template, shipped, versions
from yanji.flows.printing.models import LabelTemplate, LabelTemplateChange
from yanji.flows.printing.sheets import laid, printed
from yanji.flows.printing.subject import box_subjects, place_subjects, unit_subjects
from yanji.flows.scanning import understand
from yanji.identity import gs1_mod10
from yanji.ledger.api import Refused
from yanji.places.models import Kind


def editor(here: Site) -> Actor:
    return here.actor(person("administrator", here.h.campus))


def scans(subjects: list[Any]) -> list[set[str]]:
    """What the PDF and the ZPL of each say, which is the same."""
    labels = laid(subjects)
    paper = scans_of(printed(labels, "pdf"))
    assert [{scan[3:] for scan in page} for page in paper] == [
        {scan[3:] for scan in label.scans} for label in out_of_printer(printed(labels, "zpl").decode())
    ]
    return paper


def test_units_are_found_again_with_lot_and_expiry(committed: Site) -> None:
    here = committed
    epcs = here.stocked(3)
    for epc, said in zip(epcs, scans(unit_subjects(epcs)), strict=True):
        [meaning] = understand(sorted(said), actor=here.keeper)
        assert (meaning.kind, meaning.epc, meaning.printed) == ("unit", epc, None)
    assert unit_subjects(["01/06901234500011/21/NOBODY"]) == []
    with pytest.raises(Refused):
        laid([])


def test_a_place_is_found_again_by_its_number_or_its_code(committed: Site) -> None:
    here = committed
    body = "690123450001"
    gln = body + gs1_mod10(body)
    here.h.bin.gln = gln
    here.h.bin.save()
    places = [here.h.bin, here.h.store]
    for labelled, said in zip(places, scans(place_subjects(places)), strict=True):
        [scan] = said
        [meaning] = understand([scan], actor=here.keeper)
        assert (meaning.kind, meaning.document) == ("place", ("place", labelled.pk))
    assert place_subjects(places)[0].tag, "a number of GS1's goes on a tag"
    assert not place_subjects(places)[1].tag


@pytest.mark.parametrize("prefix", ["", "6901234"])
def test_boxes_and_kits_are_found_again(committed: Site, settings: Any, prefix: str) -> None:
    settings.YANJI_GS1_PREFIX = prefix
    here = committed
    first, second = here.stocked(2)
    buyer = here.purchasing
    kit = here.counted
    set_bill(actor=buyer, key=unique("b"), kit_id=kit.pk, lines=[InKit(here.h.item.pk, 1)])
    codes = [
        pack(actor=here.keeper, key=unique("p"), place_id=here.h.store.pk, kind=kind, things=[epc], item_id=item).facts["code"]
        for kind, epc, item in (("pallet", first, None), ("kit", second, kit.pk))
    ]  # fmt: skip
    subjects = box_subjects(codes)
    assert [each.kind for each in subjects] == ["box", "kit"]
    assert subjects[1].fields["name"] == kit.name
    assert [bool(each.tag) for each in subjects] == [bool(prefix)] * 2
    for code, said in zip(codes, scans(subjects), strict=True):
        assert len(said) == 2
        assert {(each.kind, each.epc) for each in understand(sorted(said), actor=here.keeper)} == {
            ("box", code)
        }


def test_a_template_is_kept_in_every_version_and_the_usual_one_is_taken(committed: Site) -> None:
    here = committed
    admin, data = editor(here), shipped("unit").as_data()
    campus = here.h.campus
    assert [each.id for each in choices("unit")] == [0]
    first = save_template(
        actor=admin, key=unique("t"), kind="unit", name="大标签", data={**data, "width": 80}, usual=True
    )
    here_only = save_template(
        actor=admin, key=unique("t"), kind="unit", name="院区", data={**data, "dpi": 300}, campus_id=campus.pk, usual=True
    )  # fmt: skip
    assert chosen("unit").width == 80
    assert chosen("unit", path=here.h.store.path).dpi == 300
    assert chosen("unit", path="/999999/").width == 80
    assert chosen("unit", 0).width == 60
    again = save_template(
        actor=admin, key=unique("t"), kind="unit", name="大标签", data={**data, "width": 90}, template_id=first.id, usual=True
    )  # fmt: skip
    assert again.facts["version"] == 2
    kept = label_template(admin, first.id)
    assert [(each.version, each.data["width"], each.actor_id) for each in versions(kept)] == [
        (2, 90, admin.person_id), (1, 80, admin.person_id),
    ]  # fmt: skip
    save_template(actor=admin, key=unique("t"), kind="unit", name="新", data=data, usual=True)
    assert not label_template(admin, first.id).usual, "another one took its place"
    assert label_template(admin, here_only.id).usual
    with pytest.raises(NotFound):
        chosen("place", first.id)


def test_who_keeps_the_rules_of_one_campus_changes_its_labels_alone(committed: Site) -> None:
    here = committed
    admin, data = editor(here), shipped("unit").as_data()
    other = place(Kind.CAMPUS)
    local = Actor(here.storekeeper.pk, "local", {"edit_rules": (other.path,)})

    def kept(who: Actor, **more: Any) -> Done:
        return save_template(actor=who, key=unique("t"), **{"kind": "unit", "data": data, **more})

    everywhere = Actor(admin.person_id, "all", {"edit_rules": (here.h.campus.path, other.path)})
    shared = kept(everywhere, name="all")
    theirs = kept(local, name="theirs", campus_id=other.pk)
    before = contents()
    for refused in (
        {"name": "mine"},
        {"name": "all", "template_id": shared.id, "campus_id": other.pk},
        {"name": "theirs", "template_id": theirs.id},
    ):
        with pytest.raises(Refused) as said:
            kept(local, **refused)
        assert {each.code for each in said.value.offences} == {"label_for_the_whole_house"}
    with pytest.raises(NotFound):
        kept(local, name="new", campus_id=here.h.campus.pk)
    with pytest.raises(NotFound):
        kept(admin, name="theirs", template_id=theirs.id, campus_id=here.h.campus.pk)
    assert contents() == before


def test_a_bad_template_and_a_stranger_change_nothing(committed: Site) -> None:
    here = committed
    admin, data = editor(here), shipped("unit").as_data()
    save_template(actor=admin, key=unique("t"), kind="unit", name="一", data=data)
    before = contents()
    bad = {**data, "elements": [{**data["elements"][0], "w": 4}]}
    for wrong, code in (
        ({"data": bad}, "label_symbol_small"),
        ({"data": {**data, "width": 20}}, "label_outside"),
        ({"name": "一"}, "label_name_taken"),
        ({"name": " "}, "field_missing"),
        ({"usual": True, "active": False}, "label_retired_usual"),
        ({"data": {**data, "dpi": 100}}, "label_bad_setting"),
        ({"data": {**data, "elements": [{"x": "1"}]}}, "label_bad_value"),
    ):
        with pytest.raises(Refused) as refused:
            save_template(
                actor=admin, key=unique("t"), **{"kind": "unit", "name": "二", "data": data, **wrong}
            )
        assert code in {each.code for each in refused.value.offences}, refused.value
        assert all("{" not in sentence for sentence in refused.value.sentences())
    with pytest.raises(NotFound):
        save_template(actor=here.keeper, key=unique("t"), kind="unit", name="三", data=data)
    assert contents() == before
    assert (LabelTemplate.objects.count(), LabelTemplateChange.objects.count()) == (1, 1)

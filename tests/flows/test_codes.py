"""Another code of a unit - an RFID tag, a second symbol - leads to it wherever it is scanned."""

import pytest

from tests.flows.site import Site
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.codes import add_code, codes_of, take_code
from yanji.flows.models import Case
from yanji.flows.models_codes import UnitCode
from yanji.flows.scanning import understand
from yanji.flows.use import plan_case
from yanji.ledger.api import Refused, find_units, unit_view
from yanji.ledger.models import Alias
from yanji.places.models import Kind

TAG = "E2801160600002079BC0F9A1"


def _add(here: Site, epc: str, code: str = TAG) -> None:
    add_code(actor=here.keeper, key=unique("k"), epc=epc, code=code)


def test_a_tagged_unit_is_scanned_and_searched_by_its_tag(here: Site) -> None:
    [epc] = here.stocked(1)
    assert understand([TAG], actor=here.keeper)[0].kind != "unit"
    _add(here, epc, f" {TAG} ")
    _add(here, epc)  # once more is the same
    [meaning] = understand([TAG], actor=here.keeper)
    assert (meaning.kind, meaning.epc) == ("unit", epc)
    assert find_units(TAG) == [epc]
    assert Alias.objects.count() == 1


def test_a_tag_that_came_off_means_nothing_and_may_go_onto_another(here: Site) -> None:
    first, second = here.stocked(2)
    _add(here, first)
    with pytest.raises(Refused) as refused:
        _add(here, second)
    assert refused.value.code == "code_of_other_unit"
    assert find_units(TAG) == [first]
    take_code(actor=here.keeper, key=unique("k"), code=TAG, reason="wrong_unit", note="next shelf")
    assert find_units(TAG) == []
    _add(here, second)
    assert find_units(TAG) == [second]
    with pytest.raises(NotFound):
        take_code(actor=here.keeper, key=unique("k"), code="never bound", reason="other")


def test_a_tag_that_went_onto_another_unit_meanwhile_stays_there(here: Site) -> None:
    """Who looks at a page of before means the unit on it."""
    first, second = here.stocked(2)
    _add(here, first)
    off = {"actor": here.keeper, "code": TAG, "reason": "came_off"}
    take_code(key=unique("k"), epc=first, **off)
    _add(here, second)
    before = list(UnitCode.objects.order_by("pk").values())
    with pytest.raises(Refused) as refused:
        take_code(key=unique("k"), epc=first, **off)
    assert refused.value.code == "code_of_other_unit"
    assert (find_units(TAG), list(UnitCode.objects.order_by("pk").values())) == ([second], before)
    take_code(key=unique("k"), epc=second, **off)
    assert find_units(TAG) == []


def test_no_code_takes_what_means_something_already(here: Site) -> None:
    first, second = here.stocked(2)
    shelf = place(Kind.BIN, here.h.store)
    order = here.order()
    for code, why in (
        (second, "code_of_other_unit"),
        (first, "code_is_identity"),
        ("E2" * 81, "bad_text"),
        (shelf.code.lower(), "code_of_something_else"),
        (order.number, "code_of_something_else"),
        ("  ", "no_code"),
    ):
        with pytest.raises(Refused) as refused:
            _add(here, first, code)
        assert refused.value.code == why
    assert not Alias.objects.exists()
    assert not UnitCode.objects.exists()


def test_no_code_takes_what_means_a_product_a_box_or_a_patient(here: Site) -> None:
    """A tag's pull too many: the unit's own label, that of another, of a lot; a box; a wristband; an order to the scan page."""
    [own] = here.stocked(1, serial="CO1")
    here.stocked(1, serial="CO2")
    case = plan_case(
        actor=here.ward, key=unique("k"), number=unique("CASE"), patient_token=unique("PT"),
        department_id=here.h.department.pk,
    )  # fmt: skip
    token = Case.objects.get(pk=case.id).patient_token
    for code, why in (
        (here.scan("CO1"), "code_is_identity"),
        (here.scan("CO2"), "code_of_something_else"),
        ("]d2010690123450002817491231" + "10B1", "code_of_something_else"),
        ("]C100069012345000000011", "code_of_something_else"),
        ("box/000000777", "code_of_something_else"),
        (token, "code_of_something_else"),
        ("YANJI:REASON:waste:expired", "code_of_something_else"),
        ("yanji:amount:2", "code_of_something_else"),
    ):
        with pytest.raises(Refused) as refused:
            _add(here, own, code)
        assert (code, refused.value.code) == (code, why)
    assert not Alias.objects.exists()
    # A second symbol of a unit that nobody has told of means nothing yet.
    _add(here, own, here.scan("CO3"))


def test_who_put_a_tag_on_and_who_took_it_off_and_why_stays_with_the_unit(here: Site) -> None:
    first, second = here.stocked(2)
    _add(here, first)
    _add(here, first, "HIBC-2")
    before = list(UnitCode.objects.values())
    for reason in ("", "no such reason", "came_off, other"):
        with pytest.raises(Refused):
            take_code(actor=here.keeper, key=unique("k"), code=TAG, reason=reason)
    assert list(UnitCode.objects.values()) == before
    take_code(actor=here.keeper, key=unique("k"), code=TAG, reason="wrong_unit", note=" next shelf ")
    _add(here, second)
    _add(here, second)
    on, off = codes_of(unit_view(first).id)
    keeper = here.keeper.person_id
    assert (on.code, on.bound_by_id, on.released_at) == ("HIBC-2", keeper, None)
    assert (off.code, off.bound_by_id, off.released_by_id) == (TAG, keeper, keeper)
    assert (off.reason, off.note) == ("wrong_unit", "next shelf")
    assert off.bound_at < off.released_at
    assert [each.code for each in codes_of(unit_view(second).id)] == [TAG]


def test_who_may_not_label_there_finds_nothing(here: Site) -> None:
    [epc] = here.stocked(1)
    _add(here, epc)
    for act in (
        lambda: add_code(actor=here.ward, key=unique("k"), epc=epc, code="E200"),
        lambda: take_code(actor=here.ward, key=unique("k"), code=TAG, reason="other"),
        lambda: add_code(actor=here.keeper, key=unique("k"), epc="01/09999999999999/21/X", code="E200"),
    ):
        with pytest.raises(NotFound):
            act()
    assert list(Alias.objects.values_list("code", flat=True)) == [TAG]

"""Reasons are data: what is offered, what history goes on showing, and that a refused change leaves nothing behind."""

import importlib
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.flows.approving import role, signer
from tests.flows.site import Site
from tests.makers import place, unique
from tests.races.crowd import all_read_first, together
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Grant
from yanji.flows import reasons as flow
from yanji.flows.models_reasons import ReasonCode
from yanji.flows.reasons import (
    GROUP_OF_STEP,
    GROUPS,
    add_reason,
    all_reasons,
    known,
    move_reason,
    reason_words,
    reasons,
    rename_reason,
    set_reason_active,
)
from yanji.ledger.api import Refused, Step
from yanji.places.models import Kind, Place

# What stood in the code before reasons were data: the ledgers of running hospitals hold these codes.
BEFORE = {
    "reject": "damaged sterile_barrier expired short_dated wrong_item over_delivery temperature label registration other",
    "override": "size_needed not_reachable damaged same_lot other",
    "scrap": "expired damaged opened contaminated recalled other",
    "hold": "opened damaged storage suspected other",
    "return": "not_needed case_cancelled wrong_size short_dated other",
    "correct": "wrong_scan wrong_place wrong_case wrong_quantity other",
}


@pytest.fixture
def editor(committed: Site) -> Actor:
    """Who edits rules at every place of the tree."""
    made = signer(role("管理", "Keeper", "view", "edit_rules"), committed.h.campus)
    held = made.grants.get().role
    roots = Place.objects.filter(parent=None, kind__in=["group", "campus"]).exclude(pk=committed.h.campus.pk)
    Grant.objects.bulk_create(Grant(person=made, role=held, place=root) for root in roots)
    return committed.actor(made)


def rows() -> list[Any]:
    return list(ReasonCode.objects.order_by("pk").values_list())


def one(group: str, code: str) -> ReasonCode:
    return ReasonCode.objects.get(group=group, code=code)


def refused(act: Any, **fields: Any) -> str:
    before = rows()
    with pytest.raises(Refused) as refusal:
        act(key=unique("r"), **fields)
    assert rows() == before
    return refusal.value.code


# What is there


@pytest.mark.django_db
def test_every_group_begins_with_reasons_in_both_languages() -> None:
    assert {row.group for row in ReasonCode.objects.all()} == set(GROUPS)
    for row in ReasonCode.objects.all():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in row.name_zh), row.code
        assert row.name_en.isascii()
    for group in GROUPS:
        assert list(reasons(group))[-1] == "other"
        assert len(reasons(group)) == len(set(reasons(group).values())) > 3


@pytest.mark.django_db
@pytest.mark.parametrize("group", sorted(BEFORE))
def test_no_code_of_before_is_lost(group: str) -> None:
    before = BEFORE[group].split()
    assert [code for code in reasons(group) if code in before] == before
    assert known(group) >= frozenset(before)


@pytest.mark.django_db
def test_words_come_in_the_readers_language() -> None:
    with translation.override("en"):
        assert reasons("scrap")["damaged"] == "Damaged"
    with translation.override("zh-hans"):
        assert reasons("scrap")["damaged"] == "损坏"


@pytest.mark.django_db
def test_each_question_is_one_statement() -> None:
    for ask in (lambda: reasons("scrap"), lambda: known("scrap"), reason_words, all_reasons):
        with CaptureQueriesContext(connection) as found:
            ask()
        assert len(found) == 1


@pytest.mark.django_db
def test_a_code_is_read_in_the_words_of_its_step() -> None:
    with translation.override("en"):
        words = reason_words()
        assert words.of("damaged", step=Step.SCRAP) == "Damaged"
        assert words.of("damaged", step=Step.REJECT) == "Packaging damaged"
        assert words.of("damaged, opened", step=Step.HOLD) == "Packaging damaged, Packaging opened"
        assert words.of("sterile_barrier", step=Step.SCRAP) == "Sterile barrier broken"
        assert words.of("written by hand, at night", step=Step.SCRAP) == "written by hand, at night"


def test_every_step_leads_to_a_group_that_exists() -> None:
    assert set(GROUP_OF_STEP.values()) <= set(GROUPS)


@pytest.mark.django_db
def test_every_group_is_sown() -> None:
    """Migrations sow each group once; no line of the first, which is plain text, lacks a part."""
    assert set(ReasonCode.objects.values_list("group", flat=True)) == set(GROUPS)
    migration = importlib.import_module(_migration())
    paragraphs = [each.split("\n") for each in migration.SEEDS.strip().split("\n\n")]
    assert len({lines[0] for lines in paragraphs}) == len(paragraphs)
    assert all(len(line.split("|")) == 3 for lines in paragraphs for line in lines[1:])


def _migration() -> str:
    from pathlib import Path

    import yanji.flows.migrations as folder

    [name] = [file.stem for file in Path(str(folder.__path__[0])).glob("*_reasons.py")]
    return f"yanji.flows.migrations.{name}"


# Editing


def test_a_new_reason_is_offered_last_and_may_be_used(committed: Site, editor: Actor) -> None:
    add_reason(actor=editor, key="a", group="reject", code="wet", name_zh="受潮", name_en="Wet")
    assert list(reasons("reject"))[-1] == "wet"
    arrival = committed.arrival(rejected="wet")
    order = committed.order()
    done = committed.receive(order, arrival)
    assert done.facts["differences"][0]["reasons"] == {"wet": 1}


def test_a_reason_that_ended_is_refused_and_still_read(committed: Site, editor: Actor) -> None:
    order, old = committed.order(), committed.order()
    committed.receive(old, committed.arrival(rejected="label"))
    set_reason_active(actor=editor, key="off", reason_id=one("reject", "label").pk, active=False)
    assert "label" not in known("reject")
    with pytest.raises(Refused) as refusal:
        committed.receive(order, committed.arrival(rejected="label"))
    assert refusal.value.code == "bad_verdict"
    with translation.override("en"):
        assert reason_words().of("label", step=Step.REJECT) == "Label missing or unreadable"
    assert all_reasons("reject")[-1].code == "label"
    set_reason_active(actor=editor, key="on", reason_id=one("reject", "label").pk, active=True)
    assert "label" in known("reject")


def test_new_words_hold_for_history_and_the_code_stays(editor: Actor) -> None:
    reason = one("hold", "storage")
    rename_reason(actor=editor, key="w", reason_id=reason.pk, name_zh=" 未冷藏 ", name_en="Was not kept cold")
    with translation.override("en"):
        assert reason_words().of("storage", step=Step.HOLD) == "Was not kept cold"
    assert one("hold", "storage").name_zh == "未冷藏"
    assert one("hold", "storage").pk == reason.pk


def test_reasons_are_reordered_among_those_offered(editor: Actor) -> None:
    def moved(code: str, up: bool) -> list[str]:
        move_reason(actor=editor, key=unique("m"), reason_id=one("hold", code).pk, up=up)
        return list(reasons("hold"))

    assert moved("damaged", up=True) == ["damaged", "opened", "storage", "suspected", "other"]
    assert moved("damaged", up=True) == ["damaged", "opened", "storage", "suspected", "other"]
    assert moved("other", up=False) == ["damaged", "opened", "storage", "suspected", "other"]
    set_reason_active(actor=editor, key="e", reason_id=one("hold", "opened").pk, active=False)
    assert moved("storage", up=True) == ["storage", "damaged", "suspected", "other"]
    assert moved("opened", up=True) == ["storage", "damaged", "suspected", "other"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"group": "nonsense"}, "unknown_reason_group"),
        ({"code": ""}, "bad_reason_code"),
        ({"code": "Wet"}, "bad_reason_code"),
        ({"code": "1wet"}, "bad_reason_code"),
        ({"code": "w" * 41}, "bad_reason_code"),
        ({"code": "damaged, wet"}, "bad_reason_code"),
        ({"code": "damaged"}, "reason_code_twice"),
        ({"name_zh": " "}, "reason_unnamed"),
        ({"name_en": ""}, "reason_unnamed"),
        ({"name_en": "n" * 81}, "bad_text"),
    ],
)
def test_a_reason_that_cannot_be_is_refused(editor: Actor, fields: dict[str, str], code: str) -> None:
    given = {"group": "scrap", "code": "wet", "name_zh": "受潮", "name_en": "Wet"}
    assert refused(add_reason, actor=editor, **{**given, **fields}) == code


def test_one_reason_must_be_left(editor: Actor) -> None:
    *others, last = all_reasons("hold")
    for number, reason in enumerate(others):
        set_reason_active(actor=editor, key=f"e{number}", reason_id=reason.pk, active=False)
    assert refused(set_reason_active, actor=editor, reason_id=last.pk, active=False) == "last_reason"


@pytest.mark.slow
def test_two_who_end_the_last_two_leave_one(editor: Actor) -> None:
    *others, one_left, last = all_reasons("hold")
    ReasonCode.objects.filter(pk__in=[reason.pk for reason in others]).update(active=False)
    acts = [
        lambda reason=reason: set_reason_active(
            actor=editor, key=unique("r"), reason_id=reason.pk, active=False
        )
        for reason in (one_left, last)
    ]
    answers = together(*acts)
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "str"]
    assert len(reasons("hold")) == 1


@pytest.mark.slow
def test_control_without_the_lock_none_is_left(editor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(group: str) -> list[ReasonCode]:
        return list(ReasonCode.objects.filter(group=group).order_by("position", "pk"))

    *others, one_left, last = all_reasons("hold")
    ReasonCode.objects.filter(pk__in=[reason.pk for reason in others]).update(active=False)
    monkeypatch.setattr(flow, "_locked", all_read_first(2, unlocked))
    acts = [
        lambda reason=reason: set_reason_active(
            actor=editor, key=unique("r"), reason_id=reason.pk, active=False
        )
        for reason in (one_left, last)
    ]
    together(*acts)
    assert reasons("hold") == {}


def test_only_who_edits_rules_everywhere_may(committed: Site, editor: Actor) -> None:
    place(Kind.CAMPUS)  # another one, where the editor holds nothing
    reason = one("scrap", "damaged")
    acts: list[tuple[Any, dict[str, Any]]] = [
        (add_reason, {"group": "scrap", "code": "wet", "name_zh": "受潮", "name_en": "Wet"}),
        (rename_reason, {"reason_id": reason.pk, "name_zh": "坏", "name_en": "Bad"}),
        (move_reason, {"reason_id": reason.pk, "up": True}),
        (set_reason_active, {"reason_id": reason.pk, "active": False}),
    ]
    for act, fields in acts:
        assert refused(act, actor=editor, **fields) == "not_yours"
        if "reason_id" in fields:
            for who, reason_id in ((committed.keeper, reason.pk), (editor, 999_999_999)):
                with pytest.raises(NotFound):
                    act(actor=who, key=unique("r"), **{**fields, "reason_id": reason_id})


def test_the_database_knows_too(editor: Actor) -> None:
    given = {"group": "scrap", "name_zh": "受潮", "name_en": "Wet", "position": 1}
    wrongs = [
        ({"code": "damaged"}, "reason_code_once"),
        ({"code": "Wet"}, "reason_code_sound"),
        ({"code": "wet", "name_en": ""}, "reason_named"),
    ]
    for fields, name in wrongs:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ReasonCode.objects.create(**{**given, **fields})

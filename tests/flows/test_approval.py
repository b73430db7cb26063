"""Who must approve what, in which order, and who may not; and that a refused decision leaves nothing behind."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.flows.approving import TESTED, Signing, rule, signer, signing
from tests.flows.site import Site
from tests.makers import place, unique
from tests.races.crowd import all_read_first, together
from yanji.access.gates import NotFound
from yanji.access.models import Grant
from yanji.flows import approval
from yanji.flows.approval import approvals_of, ask, decide, decided_lately, rounds_of, waiting_for, withdraw
from yanji.flows.approval_rules import add_rule, deepest, edit_rule, needed, rules_for, set_rule_active
from yanji.flows.models_approval import Approval, ApprovalRule
from yanji.ledger.api import Refused
from yanji.places.models import Kind

KIND, DOCUMENT = TESTED, 4711


@pytest.fixture
def here(committed: Site) -> Signing:
    return signing(committed)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool, int]]:
    """What the flow of the kind was told."""
    heard: list[tuple[int, bool, int]] = []
    monkeypatch.setitem(
        approval.HOOKS, KIND, lambda *said: heard.append((said[0], said[1], said[2].person_id))
    )
    return heard


def asked(here: Signing, amount: int = 100, **fields: Any) -> bool:
    given = {"number": "SC-1", "path": here.site.h.store.path, "requester_id": here.site.storekeeper.pk}
    with transaction.atomic():
        return ask(KIND, DOCUMENT, amount=Decimal(amount), **{**given, **fields})


def rows() -> list[Any]:
    return list(Approval.objects.order_by("pk").values_list())


def states() -> list[tuple[int, int, str]]:
    return list(Approval.objects.order_by("round", "level").values_list("round", "level", "state"))


def does(here: Signing, who: Any, level: int, approve: bool = True, **fields: Any) -> Any:
    step = next(step for step in approvals_of(KIND, DOCUMENT) if step.level == level)
    given = {"comment": "" if approve else "too dear", "key": unique("d"), **fields}
    return decide(actor=here.site.actor(who), approval_id=step.pk, approve=approve, **given)


# The choice among rules


def made(place_id: int, level: int, from_amount: int) -> Any:
    return SimpleNamespace(place_id=place_id, level=level, from_amount=Decimal(from_amount))


def test_the_rules_of_the_deepest_place_hold_alone() -> None:
    group, campus, second = made(1, 1, 0), made(5, 1, 100), made(5, 2, 1000)
    assert deepest([group, campus, second], [1, 5, 9]) == [campus, second]
    assert deepest([group], [1, 5, 9]) == [group]
    assert deepest([], [1, 5]) == []


@pytest.mark.parametrize(("amount", "levels"), [(99, []), (100, [1]), (999, [1]), (1000, [1, 2])])
def test_an_amount_needs_every_level_that_it_reaches(amount: int, levels: list[int]) -> None:
    rules = [made(5, 2, 1000), made(5, 1, 100)]
    assert [rule.level for rule in needed(rules, Decimal(amount))] == levels


# Asking and deciding


def test_without_a_rule_nothing_is_waited_for(here: Signing) -> None:
    assert asked(here) is False
    rule(here.site.h.campus, here.head_role, from_amount=500, kind=KIND)
    rule(here.site.h.campus, here.head_role, kind="order")
    assert asked(here, 499) is False
    assert rows() == []


def test_two_levels_sign_in_order_and_the_flow_is_told_once(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    assert asked(here, 5000) is True
    assert states() == [(1, 1, "waiting"), (1, 2, "waiting")]
    assert [step.level for step in waiting_for(here.site.actor(here.head))] == [1]
    assert waiting_for(here.site.actor(here.chief)) == []
    first = does(here, here.head, 1)
    assert (first.state, first.facts["complete"], told) == ("approved", False, [])
    assert [step.level for step in waiting_for(here.site.actor(here.chief))] == [2]
    last = does(here, here.chief, 2, comment="gladly")
    assert (last.state, last.facts["complete"]) == ("approved", True)
    assert told == [(DOCUMENT, True, here.chief.pk)]
    assert [step.comment for step in decided_lately(here.site.actor(here.chief))] == ["gladly"]


def two_levels(here: Signing) -> None:
    rule(here.site.h.campus, here.head_role, kind=KIND)
    rule(here.site.h.campus, here.chief_role, level=2, from_amount=1000, kind=KIND)


def test_a_refusal_ends_the_round(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    asked(here, 5000)
    done = does(here, here.head, 1, approve=False)
    assert (done.state, done.facts["complete"]) == ("refused", True)
    assert states() == [(1, 1, "refused"), (1, 2, "withdrawn")]
    assert told == [(DOCUMENT, False, here.head.pk)]
    assert asked(here, 5000) is True
    assert states()[2:] == [(2, 1, "waiting"), (2, 2, "waiting")]


def test_asked_again_unchanged_what_was_signed_stands(here: Signing) -> None:
    two_levels(here)
    asked(here, 5000)
    does(here, here.head, 1)
    before = rows()
    assert asked(here, 5000) is True
    does(here, here.chief, 2)
    assert asked(here, 5000) is False
    assert [row[0] for row in rows()] == [row[0] for row in before]


@pytest.mark.parametrize("change", ["amount", "place", "requester"])
def test_a_change_asks_anew(here: Signing, change: str) -> None:
    two_levels(here)
    asked(here, 5000)
    does(here, here.head, 1)
    other = {
        "amount": {"amount": 5001},
        "place": {"path": here.site.h.bin.path},
        "requester": {"requester_id": here.site.nurse.pk},
    }[change]
    assert asked(here, **{"amount": 5000, **other}) is True
    assert states() == [
        (1, 1, "approved"), (1, 2, "withdrawn"), (2, 1, "waiting"), (2, 2, "waiting"),
    ]  # fmt: skip
    assert [step.round for step in approvals_of(KIND, DOCUMENT)] == [2, 2]
    assert len(rounds_of(KIND, DOCUMENT)) == 4


def test_a_smaller_amount_may_need_nobody(here: Signing) -> None:
    rule(here.site.h.campus, here.head_role, from_amount=1000, kind=KIND)
    assert asked(here, 1000) is True
    assert asked(here, 999) is False
    assert states() == [(1, 1, "withdrawn")]


def test_withdrawn_steps_wait_no_more(here: Signing) -> None:
    two_levels(here)
    asked(here, 5000)
    with transaction.atomic():
        assert withdraw(KIND, DOCUMENT) == 2
        assert withdraw(KIND, DOCUMENT) == 0
    assert states() == [(1, 1, "withdrawn"), (1, 2, "withdrawn")]
    assert waiting_for(here.site.actor(here.head)) == []
    assert refused(here, here.head, 1) == "approval_decided"


def test_a_department_replaces_the_rules_of_its_campus(here: Signing) -> None:
    two_levels(here)
    rule(here.site.h.store, here.chief_role, from_amount=9000, kind=KIND)
    assert asked(here, 5000) is False
    assert asked(here, 5000, path=here.site.h.department.path) is True


def test_a_step_keeps_what_the_rule_said(here: Signing) -> None:
    made_rule = rule(here.site.h.campus, here.head_role, kind=KIND)
    asked(here)
    ApprovalRule.objects.filter(pk=made_rule.pk).update(role=here.chief_role, active=False)
    assert does(here, here.head, 1).state == "approved"


def test_the_place_may_move_meanwhile(here: Signing) -> None:
    """Steps hang on the place, not on where it lay when they were asked for."""
    rule(here.site.h.campus, here.head_role, kind=KIND)
    asked(here)
    elsewhere = place(Kind.CAMPUS)
    store = here.site.h.store
    type(store).objects.filter(pk=store.pk).update(parent=elsewhere, path=f"{elsewhere.path}{store.pk}/")
    assert waiting_for(here.site.actor(here.head)) == []
    assert [step.pk for step in waiting_for(here.site.actor(signer(here.head_role, elsewhere)))]


# Who may not


def refused(here: Signing, who: Any, level: int, **fields: Any) -> str:
    """The code of a refusal that must leave everything as it was."""
    before = rows()
    with pytest.raises(Refused) as refusal:
        does(here, who, level, **fields)
    assert rows() == before
    assert refusal.value.code not in str(refusal.value), "a sentence, not a code"
    return refusal.value.code


def test_who_asks_does_not_approve(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    asked(here, 5000, requester_id=here.head.pk)
    assert refused(here, here.head, 1) == "approval_by_requester"
    assert waiting_for(here.site.actor(here.head)) == []
    assert told == []


def test_one_person_signs_one_level(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    Grant.objects.create(person=here.head, role=here.chief_role, place=here.site.h.campus)
    asked(here, 5000)
    does(here, here.head, 1)
    assert refused(here, here.head, 2) == "approval_twice"
    assert waiting_for(here.site.actor(here.head)) == []
    assert told == []


def test_the_higher_level_waits_for_the_lower(here: Signing) -> None:
    two_levels(here)
    asked(here, 5000)
    assert refused(here, here.chief, 2) == "approval_not_yet"


def test_the_rules_role_is_needed_there_and_today(here: Signing) -> None:
    two_levels(here)
    asked(here, 5000)
    assert refused(here, here.chief, 1) == "approval_role_needed"
    today = timezone.localdate()
    for day in ({"valid_to": today - timedelta(days=1)}, {"valid_from": today + timedelta(days=1)}):
        person = signer(here.chief_role, here.site.h.campus)
        Grant.objects.create(person=person, role=here.head_role, place=here.site.h.campus, **day)
        assert refused(here, person, 1) == "approval_role_needed"
    aside = signer(here.chief_role, here.site.h.campus)
    Grant.objects.create(person=aside, role=here.head_role, place=here.site.h.department)
    assert refused(here, aside, 1) == "approval_role_needed"


def test_the_role_without_the_operation_is_not_enough(here: Signing) -> None:
    two_levels(here)
    asked(here, 5000)
    here.head_role.operations = ["view"]
    here.head_role.save()
    assert refused(here, here.head, 1) == "not_yours"
    here.head_role.operations = []
    here.head_role.save()
    before = rows()
    with pytest.raises(NotFound):
        does(here, here.head, 1)
    assert rows() == before


@pytest.mark.parametrize("comment", ["", "  "])
def test_a_refusal_says_why(here: Signing, comment: str) -> None:
    two_levels(here)
    asked(here)
    assert refused(here, here.head, 1, approve=False, comment=comment) == "approval_comment_needed"
    assert refused(here, here.head, 1, comment="n" * 401) == "bad_text"


def test_what_is_decided_stays_decided(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    asked(here)
    does(here, here.head, 1)
    assert refused(here, signer(here.head_role, here.site.h.campus), 1, approve=False) == "approval_decided"
    assert len(told) == 1


def test_absent_and_hidden_answer_alike(here: Signing) -> None:
    two_levels(here)
    asked(here)
    stranger = here.site.actor(signer(here.head_role, place(Kind.CAMPUS)))
    for step_id in (approvals_of(KIND, DOCUMENT)[0].pk, 999_999_999):
        with pytest.raises(NotFound):
            decide(actor=stranger, key=unique("d"), approval_id=step_id, approve=True)


def test_what_the_flow_refuses_undoes_the_decision(here: Signing, monkeypatch: pytest.MonkeyPatch) -> None:
    def stubborn(*_said: Any) -> None:
        raise Refused("document_closed", thing="SC-1", state="closed")

    monkeypatch.setitem(approval.HOOKS, KIND, stubborn)
    two_levels(here)
    asked(here)
    assert refused(here, here.head, 1) == "document_closed"


def test_one_key_decides_once(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    asked(here)
    answers = [does(here, here.head, 1, key="same") for _try in range(2)]
    assert [answer.repeated for answer in answers] == [False, True]
    assert len(told) == 1


def test_the_database_knows_too(here: Signing) -> None:
    """What Python forgot: each constraint refuses by itself."""
    two_levels(here)
    asked(here, 5000)
    now = timezone.now()
    wrongs = [
        ({"state": "approved"}, "approval_decided_by_somebody"),
        ({"decided_by": here.head, "decided_at": now}, "approval_decided_by_somebody"),
        (
            {"state": "approved", "decided_by": here.site.storekeeper, "decided_at": now},
            "approval_not_by_requester",
        ),
        ({"state": "refused", "decided_by": here.head, "decided_at": now}, "approval_refusal_commented"),
    ]
    for fields, name in wrongs:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Approval.objects.filter(level=1).update(**fields)
    with pytest.raises(IntegrityError, match="approval_person_once"), transaction.atomic():
        Approval.objects.update(state="approved", decided_by=here.head, decided_at=now)


# Races


@pytest.mark.slow
def test_two_approvers_of_one_level_decide_it_once(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    asked(here)
    people = [here.head, *(signer(here.head_role, here.site.h.campus) for _ in range(4))]
    acts = [lambda who=who, yes=n % 2 == 0: does(here, who, 1, approve=yes) for n, who in enumerate(people)]
    answers = together(*acts)
    assert sorted(type(answer).__name__ for answer in answers) == ["Done"] + ["str"] * 4
    assert {answer for answer in answers if isinstance(answer, str)} == {"approval_decided"}
    assert len(told) == 1
    assert Approval.objects.exclude(decided_by=None).count() == 1


@pytest.mark.slow
def test_control_without_the_lock_both_decide(
    here: Signing, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race above is worth something only if it fails when nothing is locked."""

    def unlocked(kind: str, document_id: int) -> list[Approval]:
        found = Approval.objects.filter(kind=kind, document_id=document_id).select_related("place", "role")
        return list(found.order_by("round", "level"))

    two_levels(here)
    asked(here)
    monkeypatch.setattr(approval, "_locked", all_read_first(2, unlocked))
    people = [here.head, signer(here.head_role, here.site.h.campus)]
    answers = together(*[lambda who=who: does(here, who, 1) for who in people])
    assert [answer.state for answer in answers] == ["approved", "approved"]
    assert len(told) == 2


@pytest.mark.slow
def test_one_person_twice_at_once_signs_one_level(here: Signing, told: list[Any]) -> None:
    two_levels(here)
    Grant.objects.create(person=here.head, role=here.chief_role, place=here.site.h.campus)
    asked(here, 5000)
    answers = together(*[lambda level=level: does(here, here.head, level) for level in (1, 2)])
    done = [answer for answer in answers if not isinstance(answer, str)]
    assert len(done) == 1
    assert [step.level for step in Approval.objects.exclude(decided_by=None)] == [1]


# What it costs


def test_statements_do_not_grow(here: Signing) -> None:
    two_levels(here)
    spent = []
    for count in (1, 30):
        with transaction.atomic():
            for number in range(count):
                ask(
                    KIND, 100 * count + number, number=unique("SC"), path=here.site.h.store.path,
                    amount=Decimal(5000), requester_id=here.site.storekeeper.pk,
                )  # fmt: skip
        actor = here.site.actor(here.head)
        with CaptureQueriesContext(connection) as found:
            shown = [(step.place.name, step.role.name, step.requester.name) for step in waiting_for(actor)]
        assert len(shown) >= count
        spent.append(len(found))
    assert spent == [2, 2]


# Editing rules


def edits(here: Signing, **fields: Any) -> Any:
    given = {"kind": KIND, "place_id": here.site.h.campus.pk, "level": 1, "from_amount": Decimal("99.50")}
    role_id = here.head_role.pk
    return add_rule(actor=here.editor, key=unique("r"), **{"role_id": role_id, **given, **fields})


def test_a_rule_is_added_changed_ended_and_holds_again(here: Signing) -> None:
    made_id = edits(here).id
    assert asked(here, 100) is True
    edit_rule(
        actor=here.editor, key=unique("r"), rule_id=made_id, level=1, from_amount=Decimal(500),
        role_id=here.chief_role.pk,
    )  # fmt: skip
    assert asked(here, 101) is False
    assert asked(here, 500) is True
    assert approvals_of(KIND, DOCUMENT)[0].role_id == here.chief_role.pk
    set_rule_active(actor=here.editor, key=unique("r"), rule_id=made_id, active=False)
    assert asked(here, 501) is False
    set_rule_active(actor=here.editor, key=unique("r"), rule_id=made_id, active=True)
    assert asked(here, 502) is True
    [found] = rules_for(here.editor)
    assert (found.active, found.edited_by_id) == (True, here.editor.person_id)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "nonsense"}, "unknown_document_kind"),
        ({"level": 0}, "bad_approval_level"),
        ({"level": 10}, "bad_approval_level"),
        ({"from_amount": Decimal(-1)}, "bad_from_amount"),
        ({"from_amount": Decimal("NaN")}, "bad_from_amount"),
        ({"from_amount": Decimal("0.001")}, "bad_from_amount"),
        ({"from_amount": Decimal(10**12)}, "bad_from_amount"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(here: Signing, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        edits(here, **fields)
    assert refusal.value.code == code
    assert ApprovalRule.objects.count() == 0


def test_a_level_has_one_rule_that_holds(here: Signing) -> None:
    first = edits(here).id
    with pytest.raises(Refused) as refusal:
        edits(here, role_id=here.chief_role.pk)
    assert refusal.value.code == "approval_rule_twice"
    set_rule_active(actor=here.editor, key=unique("r"), rule_id=first, active=False)
    edits(here, role_id=here.chief_role.pk)
    with pytest.raises(Refused) as refusal:
        set_rule_active(actor=here.editor, key=unique("r"), rule_id=first, active=True)
    assert refusal.value.code == "approval_rule_twice"
    assert ApprovalRule.objects.get(active=True).role_id == here.chief_role.pk


def test_rules_are_edited_where_one_may(here: Signing) -> None:
    made_id = edits(here).id
    before = list(ApprovalRule.objects.values_list())
    stranger = here.site.actor(here.head)
    elsewhere = here.site.actor(signer(here.head_role, place(Kind.CAMPUS)))
    for actor, error in ((stranger, Refused), (elsewhere, NotFound)):
        with pytest.raises(error):
            set_rule_active(actor=actor, key=unique("r"), rule_id=made_id, active=False)
        with pytest.raises(error):
            add_rule(
                actor=actor, key=unique("r"), kind=KIND, place_id=here.site.h.store.pk, level=1,
                from_amount=Decimal(0), role_id=here.head_role.pk,
            )  # fmt: skip
        assert rules_for(actor) == []
    assert list(ApprovalRule.objects.values_list()) == before

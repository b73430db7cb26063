"""A supplier sends a renewed licence with its scan; it holds once the hospital has entered it."""

from datetime import date
from typing import Any

import pytest

from tests.flows.buying import supplier_person
from tests.flows.files import png
from tests.flows.site import Site, contents, person, soon
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Licence, Maker, Supplier
from yanji.flows.acts import Done
from yanji.flows.attempts import Attempt
from yanji.flows.models_papers import Attachment
from yanji.flows.portal.models import OfferedPaper
from yanji.flows.portal.papers import decide_paper, offer_paper, offered_for, offered_papers, withdraw_paper
from yanji.flows.trail import attached, remark, trail
from yanji.ledger.api import Refused


@pytest.fixture
def theirs(committed: Site) -> Actor:
    return committed.actor(supplier_person(committed))


@pytest.fixture
def rival(committed: Site) -> Actor:
    other = Supplier.objects.create(code=unique("R"), name_zh="对手")
    return committed.actor(supplier_person(committed, other.pk))


def offered(actor: Actor, **fields: Any) -> Done:
    plain = {
        "kind": "device_trade", "reference": "XK-2027", "valid_from": soon(0), "valid_to": soon(900),
        "file_name": "scan.png", "content": png(),
    }  # fmt: skip
    return offer_paper(actor=actor, key=unique("k"), **{**plain, **fields})


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before


def absent(act: Any) -> None:
    before = contents()
    with pytest.raises(NotFound):
        act()
    assert contents() == before


def test_an_entered_paper_takes_the_place_of_the_one_before(committed: Site, theirs: Actor) -> None:
    supplier = committed.h.supplier
    old = Licence.objects.create(
        supplier=supplier,
        kind="device_trade",
        number="XK-2024",
        valid_from=date(2024, 1, 1),
        valid_to=soon(20),
    )
    done = offered(theirs)
    assert Attachment.objects.get(kind="offered_paper", document_id=done.id).actor_id == theirs.person_id
    assert Licence.objects.filter(supplier=supplier, number="XK-2027").count() == 0
    assert list(offered_papers(committed.purchasing, waiting=True)) == [OfferedPaper.objects.get(pk=done.id)]
    decided = decide_paper(actor=committed.purchasing, key=unique("k"), offered_id=done.id, accept=True)
    assert decided.state == "entered"
    new = Licence.objects.get(supplier=supplier, number="XK-2027")
    old.refresh_from_db()
    assert (old.valid_to, new.valid_from, new.valid_to) == (soon(-1), soon(0), soon(900))
    assert (old.printed_to, new.printed_to) == (soon(20), None), "the day on the paper stays to be read"
    kept = OfferedPaper.objects.get(pk=done.id)
    assert (kept.licence_id, kept.decided_by_id) == (new.pk, committed.buyer.pk)
    again = {"actor": committed.purchasing, "offered_id": done.id, "accept": False, "reason": "late"}
    refused("document_closed", lambda: decide_paper(key=unique("k"), **again))


def test_a_paper_without_a_last_day_is_asked_about(committed: Site, theirs: Actor) -> None:
    refused("paper_end_needed", lambda: offered(theirs, valid_to=None))
    done = offered(theirs, valid_to=None, endless=True)
    assert OfferedPaper.objects.get(pk=done.id).valid_to is None


def test_a_refused_paper_says_why_and_can_be_sent_anew(committed: Site, theirs: Actor) -> None:
    done = offered(theirs)
    refused("offered_already", lambda: offered(theirs))
    no = {"actor": committed.purchasing, "offered_id": done.id, "accept": False}
    refused("reason_needed", lambda: decide_paper(key=unique("k"), **no))
    decide_paper(key=unique("k"), reason="The stamp is missing", **no)
    assert OfferedPaper.objects.get(pk=done.id).because == "The stamp is missing"
    assert offered(theirs).state == "offered"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "passport"}, "bad_paper_kind"),
        ({"reference": "  "}, "paper_number_needed"),
        ({"valid_to": soon(-1)}, "paper_days"),
        ({"valid_from": soon(-9), "valid_to": soon(-1)}, "paper_over"),
        ({"content": b""}, "attachment_empty"),
        ({"content": b"MZ\x90\x00", "file_name": "a.exe"}, "attachment_type"),
    ],
)
def test_what_is_no_paper_is_refused(theirs: Actor, fields: dict[str, Any], code: str) -> None:
    refused(code, lambda: offered(theirs, **fields))


def test_days_that_another_paper_holds_are_not_entered(committed: Site, theirs: Actor) -> None:
    Licence.objects.create(
        supplier=committed.h.supplier,
        kind="device_trade",
        number="XK-9",
        valid_from=soon(30),
        valid_to=soon(60),
    )
    done = offered(theirs)
    enter = {"actor": committed.purchasing, "offered_id": done.id, "accept": True}
    refused("licence_overlaps", lambda: decide_paper(key=unique("k"), **enter))


def test_only_who_keeps_the_catalogue_decides_and_only_suppliers_send(committed: Site, theirs: Actor) -> None:
    done = offered(theirs)
    auditor = committed.actor(person("auditor", committed.h.campus))
    assert offered_for(auditor, done.id).number == done.number
    ask = {"offered_id": done.id, "accept": True}
    refused("not_yours", lambda: decide_paper(actor=auditor, key=unique("k"), **ask))
    refused("not_yours", lambda: decide_paper(actor=theirs, key=unique("k"), **ask))
    absent(lambda: decide_paper(actor=committed.keeper, key=unique("k"), **ask))
    absent(lambda: offered(committed.purchasing))


def test_a_rival_finds_no_paper_and_the_try_is_kept(committed: Site, theirs: Actor, rival: Actor) -> None:
    done = offered(theirs)
    absent(lambda: offered_for(rival, done.id))
    absent(lambda: offered_for(rival, 999_999_999))
    absent(lambda: remark(actor=rival, key=unique("k"), kind="offered_paper", document_id=done.id, text="x"))
    assert [each.thing for each in Attempt.objects.filter(code="others")] == [done.number]
    assert list(offered_papers(rival)) == []


def test_an_authorisation_names_a_maker_of_its_own_goods(committed: Site, theirs: Actor) -> None:
    maker, foreign = (Maker.objects.create(name_zh=unique("厂")) for _ in range(2))
    committed.h.item.maker, committed.h.item.supplier = maker, committed.h.supplier
    committed.h.item.save()
    absent(lambda: offered(theirs, kind="authorisation", maker_id=foreign.pk))
    done = offered(theirs, kind="authorisation", maker_id=maker.pk)
    assert OfferedPaper.objects.get(pk=done.id).maker_id == maker.pk


def test_what_the_hospital_says_among_itself_stays_there(committed: Site, theirs: Actor) -> None:
    done = offered(theirs)
    of = {"kind": "offered_paper", "document_id": done.id}
    remark(actor=committed.purchasing, key=unique("k"), text="Their stamp looks odd", **of)
    remark(actor=theirs, key=unique("k"), text="Page 2 follows", **of)
    assert [each.text for each in trail(theirs, **of).remarks] == ["Page 2 follows"]
    assert len(trail(committed.purchasing, **of).remarks) == 2
    [file] = trail(theirs, **of).attachments
    assert attached(committed.purchasing, attachment_id=file.pk, **of).pk == file.pk


def test_a_supplier_withdraws_what_nobody_has_decided(committed: Site, theirs: Actor, rival: Actor) -> None:
    done = offered(theirs)

    def withdraw(actor: Actor, reason: str = "The wrong scan") -> Done:
        return withdraw_paper(actor=actor, key=unique("k"), offered_id=done.id, reason=reason)

    refused("reason_needed", lambda: withdraw(theirs, " "))
    absent(lambda: withdraw(rival))
    assert Attempt.objects.get().code == "others"
    absent(lambda: withdraw(committed.purchasing))
    assert withdraw(theirs).state == "withdrawn"
    kept = OfferedPaper.objects.get(pk=done.id)
    assert (kept.because, kept.decided_by_id) == ("The wrong scan", theirs.person_id)
    refused("document_closed", lambda: withdraw(theirs))
    enter = {"actor": committed.purchasing, "offered_id": done.id, "accept": True}
    refused("document_closed", lambda: decide_paper(key=unique("k"), **enter))
    assert not offered_papers(committed.purchasing, waiting=True).exists()
    again = offered(theirs)
    decide_paper(actor=committed.purchasing, key=unique("k"), offered_id=again.id, accept=True)
    late = {"actor": theirs, "offered_id": again.id, "reason": "Too late"}
    refused("document_closed", lambda: withdraw_paper(key=unique("k"), **late))

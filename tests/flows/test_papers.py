"""Every kind of document: who may read its sheet and its trail, what may be added, and that it stays."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.flows.files import ACTIVE, BAD, GOOD, PDF, png
from tests.flows.site import Site, contents, person, site, soon
from tests.flows.test_budgets import at_the_ward
from tests.makers import person as anybody
from tests.makers import place, unique
from tests.web.world import World, delivered, opened_in_the_ward, used_by_the_ward
from yanji.access.actor import Actor, actor_for
from yanji.access.gates import NotFound
from yanji.flows.models_papers import Attachment, Remark
from yanji.flows.papers import Section, paper_of, papers, sheet_of, shown
from yanji.flows.symbols import code128, datamatrix
from yanji.flows.trail import MAX_ATTACHMENT_BYTES, attach, attached, remark, trail, withdraw
from yanji.flows.use import use
from yanji.ledger.api import Refused
from yanji.places.models import Kind

KINDS = ("order", "notice", "receipt", "requisition", "issue", "case")


@pytest.fixture
def day(db: None) -> World:
    """The documents that are judged here, without the rest of the hospital's day: it would take seconds for each test."""
    here = site()
    came = delivered(here)
    return World(
        site=here,
        people={"nobody": anybody(), "elsewhere": person("storekeeper", place(Kind.CAMPUS))},
        samples={**came.samples, **used_by_the_ward(here, came.epcs), **opened_in_the_ward(here)},
        used=came.epcs[0],
        stored=came.epcs[-1],
    )


def document(day: World, kind: str) -> int:
    return int(day.samples[f"{kind}_id"])


def add(actor: Actor, kind: str, document_id: int, name: str = "a.pdf", content: bytes = PDF) -> Any:
    return attach(
        actor=actor, key=unique("k"), kind=kind, document_id=document_id, file_name=name, content=content
    )


def refused(code: str, act: Callable[[], Any]) -> Refused:
    """The act is refused, and nothing was written."""
    before = contents()
    with pytest.raises(Refused) as found, transaction.atomic():
        act()
    assert found.value.code == code
    assert contents() == before
    return found.value


def test_the_documents_of_today_are_known() -> None:
    assert {paper.kind for paper in papers()} >= set(KINDS)


def test_each_sheet_says_what_it_is(day: World, subtests: pytest.Subtests) -> None:
    for kind, language in product(KINDS, ("en", "zh-hans")):
        actor = day.site.ward if kind == "case" else day.site.keeper
        with subtests.test(kind=kind, language=language), translation.override(language):
            sheet = sheet_of(actor, kind, document(day, kind))
            assert sheet.number == paper_of(kind).gate(actor, document(day, kind)).number
            assert len(sheet.signatures) == 2
            assert sheet.sections[0].rows
            assert sheet.head


def test_an_order_adds_up(day: World) -> None:
    sheet = sheet_of(day.site.purchasing, "order", document(day, "order"))
    [lines] = sheet.sections
    assert [row[4] for row in lines.rows] == [8]
    assert shown(lines.total[7]) == "800.00"


def test_a_hand_over_note_and_a_case_name_every_unit(day: World) -> None:
    [handed] = sheet_of(day.site.keeper, "issue", document(day, "issue")).sections
    assert len(handed.rows) == handed.total[6] == 3
    used, parts = sheet_of(day.site.ward, "case", document(day, "case")).sections
    assert [row[3] for row in used.rows] == [day.used.rsplit("/", 1)[1]]
    assert [row[-2:] for row in parts.rows] == [("2 mL", "")]


def test_what_was_taken_back_is_not_on_the_sheet_of_its_case(committed: Site) -> None:
    from yanji.flows.correction import take_back

    epcs = at_the_ward(committed, 2)
    papers_of_use = {"case_number": "C-7", "patient_token": "T", "confirmed_by": "T"}
    acts = [
        use(
            actor=committed.ward,
            key=unique("u"),
            things=[epc],
            department_id=committed.h.department.pk,
            **papers_of_use,
        )
        for epc in epcs
    ]
    take_back(actor=committed.ward, key=unique("t"), event_id=acts[0].events[0], reason="wrong_case")
    [used] = sheet_of(committed.ward, "case", acts[0].id).sections
    assert [row[3] for row in used.rows] == [epcs[1].rsplit("/", 1)[1]]


def test_a_pick_list_walks_by_expiry_and_takes_no_more_than_is_open(committed: Site) -> None:
    here = committed
    here.stocked_lot(4, lot="LATE", expiry=soon(5 * 365))
    here.stocked_lot(3, lot="EARLY", expiry=soon(365))
    here.stocked_lot(9, lot="GONE", expiry=soon(9 * 365))
    wanted = here.requisition((here.counted, 5))
    walk = sheet_of(here.keeper, "requisition", wanted.id).sections[1]
    assert {(row[4], row[6]) for row in walk.rows} == {("EARLY", 3), ("LATE", 2)}


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_and_absent_are_alike(day: World, kind: str) -> None:
    """For somebody of another campus an existing document is as one that is not there: sheet, trail, every verb."""
    stranger = actor_for(day.people["elsewhere"], today=timezone.localdate())
    file = add(day.site.ward if kind == "case" else day.site.keeper, kind, document(day, kind)).id
    before = contents()
    for number in (document(day, kind), 999_999, 0, 2**70):
        given = {"actor": stranger, "key": unique("k"), "kind": kind, "document_id": number}
        attempts: list[Callable[[], Any]] = [
            lambda number=number: sheet_of(stranger, kind, number),
            lambda number=number: trail(stranger, kind, number),
            lambda number=number: attached(stranger, kind, number, file),
            lambda given=given: remark(**given, text="x"),
            lambda given=given: attach(**given, file_name="a.pdf", content=PDF),
            lambda given=given: withdraw(**given, attachment_id=file, reason="x"),
        ]
        for attempt in attempts:
            with pytest.raises(NotFound), transaction.atomic():
                attempt()
    assert contents() == before


def test_a_case_is_for_those_who_see_patients(day: World) -> None:
    """A storekeeper sees the place and not the patient: not even that the case exists."""
    for number in (document(day, "case"), 999_999):
        with pytest.raises(NotFound):
            trail(day.site.keeper, "case", number)
        with pytest.raises(NotFound):
            sheet_of(day.site.keeper, "case", number)
        with pytest.raises(NotFound):
            add(day.site.keeper, "case", number)


def test_an_unknown_kind_is_absent(day: World) -> None:
    for kind in ("orders", "", "x" * 40):
        with pytest.raises(NotFound):
            trail(day.site.keeper, kind, 1)


def test_what_is_said_and_attached_is_read_by_all_who_see_the_document(day: World) -> None:
    number = document(day, "issue")
    remark(actor=day.site.keeper, key=unique("k"), kind="issue", document_id=number, text=" 外箱破损\n两件 ")
    add(day.site.ward, "issue", number, "photo.png", png())
    remark(actor=day.site.ward, key=unique("k"), kind="issue", document_id=number, text="ok")
    found = trail(day.site.ward, "issue", number)
    assert [getattr(each, "text", None) or each.name for each in found.entries] == [
        "外箱破损\n两件",
        "photo.png",
        "ok",
    ]
    assert found.may_add
    assert bytes(attached(day.site.keeper, "issue", number, found.attachments[0].pk).content) == png()
    assert trail(day.site.keeper, "receipt", document(day, "receipt")).entries == []


def test_what_is_attached_comes_back_as_it_was(day: World, subtests: pytest.Subtests) -> None:
    for name, (content, content_type) in GOOD.items():
        with subtests.test(name=name):
            done = add(day.site.keeper, "order", document(day, "order"), name, content)
            kept = Attachment.objects.get(pk=done.id)
            assert (bytes(kept.content), kept.content_type, kept.size) == (
                content,
                content_type,
                len(content),
            )


NOT_TAKEN = (
    ("attachment_empty", "a.pdf", b""),
    ("attachment_too_large", "a.pdf", PDF[:-6] + b" " * MAX_ATTACHMENT_BYTES + b"%%EOF"),
    *(("attachment_type", name, content) for name, content in BAD.items()),
    *(("attachment_active", name, content) for name, content in ACTIVE.items()),
    ("bad_text", "a\0.pdf", PDF),
    ("bad_text", "\ud800.pdf", PDF),
    ("bad_text", "x" * 300, PDF),
)


def test_files_that_are_not_taken(day: World, subtests: pytest.Subtests) -> None:
    for code, name, content in NOT_TAKEN:
        with subtests.test(code=code, name=name[:20]):
            said = refused(
                code, partial(add, day.site.keeper, "order", document(day, "order"), name, content)
            )
            assert "…" not in str(said)


def test_remarks_that_say_nothing_or_too_much(day: World) -> None:
    number = document(day, "order")
    for code, text in (("nothing_said", " \n"), ("bad_text", "x" * 2001), ("bad_text", "a\0b")):
        refused(
            code,
            lambda text=text: remark(
                actor=day.site.keeper, key=unique("k"), kind="order", document_id=number, text=text
            ),
        )


def test_a_retry_attaches_once_and_other_bytes_under_its_key_are_refused(day: World) -> None:
    number, key = document(day, "receipt"), unique("k")
    given = {
        "actor": day.site.keeper,
        "key": key,
        "kind": "receipt",
        "document_id": number,
        "file_name": "a.pdf",
    }
    first, again = attach(**given, content=PDF), attach(**given, content=PDF)
    assert (again.id, again.repeated) == (first.id, True)
    refused("key_reused", lambda: attach(**given, content=PDF + b"\n"))
    refused("attachment_twice", lambda: add(day.site.keeper, "receipt", number))
    assert Attachment.objects.filter(kind="receipt").count() == 1


def test_the_act_keeps_no_copy_of_the_file(day: World) -> None:
    add(day.site.keeper, "order", document(day, "order"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(length(a::text)) FROM flows_act a WHERE verb = 'attach'")
        assert cursor.fetchone()[0] < 1000


def test_withdrawing_leaves_the_file_and_says_why(day: World) -> None:
    number = document(day, "issue")
    file = add(day.site.keeper, "issue", number).id
    given = {"kind": "issue", "document_id": number, "attachment_id": file}
    refused("reason_needed", lambda: withdraw(actor=day.site.keeper, key=unique("k"), **given, reason=" "))
    buyer = day.site.purchasing
    assert trail(buyer, "issue", number).may_add
    refused("not_yours", lambda: withdraw(actor=buyer, key=unique("k"), **given, reason="not mine"))
    withdraw(actor=day.site.ward, key=unique("k"), **given, reason="Wrong delivery")
    [kept] = trail(buyer, "issue", number).attachments
    assert kept.withdrawal.reason == "Wrong delivery"
    assert bytes(Attachment.objects.get(pk=file).content) == PDF
    refused(
        "attachment_withdrawn", lambda: withdraw(actor=day.site.keeper, key=unique("k"), **given, reason="x")
    )
    with pytest.raises(Refused, match=r"withdrawn|撤回"):
        attached(day.site.keeper, "issue", number, file)
    add(day.site.keeper, "issue", number)  # What was withdrawn may be attached anew.


def test_a_file_opens_only_through_its_own_document(day: World) -> None:
    file = add(day.site.ward, "case", document(day, "case")).id
    for kind in ("order", "receipt", "issue"):
        with pytest.raises(NotFound):
            attached(day.site.keeper, kind, document(day, kind), file)


def test_who_only_sees_may_read_and_not_add(day: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of document whose trail is for those who act on it."""
    import dataclasses

    from yanji.flows import papers as registry

    strict = dataclasses.replace(paper_of("order"), act="order")
    monkeypatch.setitem(registry._PAPERS, "order", strict)
    number = document(day, "order")
    assert not trail(day.site.keeper, "order", number).may_add
    assert trail(day.site.purchasing, "order", number).may_add
    refused("not_yours", lambda: add(day.site.keeper, "order", number))
    add(day.site.purchasing, "order", number)


def test_a_document_holds_a_hundred_files(day: World) -> None:
    number = document(day, "order")
    Attachment.objects.bulk_create(
        Attachment(
            kind="order", document_id=number, name="a.txt", content_type="text/plain", size=1, content=b"a",
            sha256=f"{each:064d}", actor_id=day.site.storekeeper.pk,
        )
        for each in range(100)
    )  # fmt: skip
    refused("too_many_attachments", lambda: add(day.site.keeper, "order", number))


def test_a_long_trail_costs_as_many_statements_as_a_short_one(day: World) -> None:
    number, spent = document(day, "order"), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert trail(day.site.keeper, "order", number).entries is not None
        spent.append(len(asked))
        Remark.objects.bulk_create(
            Remark(kind="order", document_id=number, text="x", actor_id=day.site.buyer.pk) for _ in range(40)
        )
        if len(spent) == 1:
            for each in range(5):
                add(day.site.keeper, "order", number, "a.png", png(each))
    assert spent[0] == spent[1] <= 4


@pytest.mark.parametrize(("kind", "most"), [("issue", 6), ("case", 6), ("receipt", 8), ("requisition", 6)])
def test_a_sheet_of_many_units_costs_as_many_statements_as_of_one(
    committed: Site, kind: str, most: int
) -> None:
    spent = []
    for count in (1, 30):
        epcs = at_the_ward(committed, count)
        done = use(
            actor=committed.ward, key=unique("u"), things=epcs, department_id=committed.h.department.pk,
            case_number=unique("C"), patient_token="T", confirmed_by="T",
        )  # fmt: skip
        newest = paper_of(kind).model.objects.latest("pk").pk
        assert kind != "case" or newest == done.id
        with CaptureQueriesContext(connection) as asked:
            sheet_of(committed.ward if kind == "case" else committed.keeper, kind, newest)
        spent.append(len(asked))
    assert spent[0] == spent[1] <= most


def test_a_section_whose_rows_do_not_fit_its_columns_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        Section("t", ("a", "b"), [("1",)])


def test_symbols_are_read_back() -> None:
    """What a scanner would see: drawn as pixels, then read by another library."""
    import zxingcpp

    for text, drawing in (
        ("PO-EAST-2610-0001", datamatrix("PO-EAST-2610-0001")),
        ("手术-7", datamatrix("手术-7")),
        ("PO-EAST-2610-0001", code128("PO-EAST-2610-0001")),
    ):
        assert drawing is not None
        assert zxingcpp.read_barcode(pixels(drawing)).text == text
        assert drawing.path.startswith("M")
    assert code128("手术-7") is None
    assert code128("x" * 41) is None


def pixels(drawing: Any) -> Any:
    """A grey picture with a quiet zone, as rows of bytes."""
    quiet = 20
    width, height = int(drawing.width) + 2 * quiet, int(drawing.height) + 2 * quiet
    rows = [bytearray(b"\xff" * width) for _ in range(height)]
    for left, top, wide, high in drawing.boxes:
        for y in range(int(top), int(top + high)):
            rows[y + quiet][int(left) + quiet : int(left + wide) + quiet] = b"\0" * int(wide)
    return memoryview(b"".join(rows)).cast("B", (height, width))


def test_people_of_no_role_read_nothing(day: World) -> None:
    nobody = actor_for(day.people["nobody"], today=timezone.localdate())
    other = actor_for(person("manager", place(Kind.CAMPUS)), today=timezone.localdate())
    for kind in KINDS:
        for actor in (nobody, other):
            with pytest.raises(NotFound):
                trail(actor, kind, document(day, kind))

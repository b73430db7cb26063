"""Opened pieces: one leaves what is available, parts are taken while it keeps, and it ends once."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.site import Site, contents, soon
from tests.flows.vials import editor, opened, ward_lot
from tests.makers import unique
from tests.web.flows.acts import key, sentences
from yanji.access.gates import NotFound
from yanji.catalog.models import ItemCode
from yanji.flows.attempts import Attempt
from yanji.flows.giveback import give_back
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.listed import listed
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.opened.openings import Holds, set_opening
from yanji.flows.opened.piece import discard, open_piece, opened_pieces, take
from yanji.flows.reasons import known
from yanji.ledger.api import LotQuantity, Refused, on_hand, rebuild


@pytest.fixture
def lot(committed: Site) -> int:
    return ward_lot(committed)


def statuses(here: Site) -> dict[str | None, int]:
    rows = on_hand(paths=["/"], by=("status",), item_id=here.counted.pk, statuses=STATUSES)
    return {row.status: int(row.quantity) for row in rows if row.quantity}


STATUSES = ("available", "in_use", "opened", "returned", "quarantined", "used", "scrapped")


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before


def test_a_piece_is_used_bit_by_bit(committed: Site, lot: int) -> None:
    here = committed
    first, second = opened(here, lot), opened(here, lot)
    assert statuses(here) == {"available": 8, "opened": 2}
    for amount in ("1.5", "2.25"):
        done = take(actor=here.ward, key=unique("k"), piece_id=first.id, amount=Decimal(amount))
    assert (done.state, done.facts["left"]) == ("open", "1.25")
    refused(
        "not_enough_left",
        lambda: take(actor=here.ward, key=unique("k"), piece_id=first.id, amount=Decimal("1.251")),
    )
    done = take(
        actor=here.ward,
        key=unique("k"),
        piece_id=first.id,
        amount=Decimal("1.25"),
    )
    assert done.state == "used_up"
    assert statuses(here) == {"available": 8, "opened": 1, "used": 1}
    discard(
        actor=here.ward,
        key=unique("k"),
        piece_id=second.id,
        reason=_any(),
    )
    assert statuses(here) == {"available": 8, "used": 1, "scrapped": 1}
    assert rebuild() == []


def _any() -> str:
    return min(known("waste"))


def test_a_retry_takes_once(committed: Site, lot: int) -> None:
    here, key = committed, unique("k")
    piece = opened(here, lot)
    for _ in range(2):
        done = take(actor=here.ward, key=key, piece_id=piece.id, amount=Decimal(2))
    assert done.repeated
    assert OpenedPiece.objects.get(pk=piece.id).left == 3


def test_nothing_is_taken_once_its_time_is_over(committed: Site, lot: int) -> None:
    here = committed
    piece = opened(here, lot, happened_at=timezone.now() - timedelta(hours=48, minutes=1))
    refused(
        "open_life_over", lambda: take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(1))
    )
    assert Attempt.objects.filter(code="open_life_over", thing=piece.number).exists()
    assert discard(actor=here.ward, key=unique("k"), piece_id=piece.id, reason=_any()).state == "discarded"


def test_its_time_ends_with_the_label_at_the_latest(committed: Site, lot: int) -> None:
    here = committed
    set_opening(
        actor=editor(here), key=unique("k"), item_id=here.counted.pk, holds=Holds(Decimal(5), "mL", 90_000)
    )
    piece = OpenedPiece.objects.get(pk=opened(here, lot).id)
    assert piece.use_until is not None
    assert timezone.localtime(piece.use_until).date() == soon(91)


def test_an_ended_piece_is_not_used_again(committed: Site, lot: int) -> None:
    here = committed
    piece = opened(here, lot)
    take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(5))
    refused(
        "document_closed",
        lambda: take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(1)),
    )
    refused(
        "document_closed", lambda: discard(actor=here.ward, key=unique("k"), piece_id=piece.id, reason=_any())
    )


@pytest.mark.parametrize("amount", ["0", "-1", "0.0001", "NaN"])
def test_amounts_that_are_none(committed: Site, lot: int, amount: str) -> None:
    here = committed
    piece = opened(here, lot)
    refused(
        "bad_quantity",
        lambda: take(actor=here.ward, key=unique("k"), piece_id=piece.id, amount=Decimal(amount)),
    )


def test_what_cannot_be_opened(committed: Site, lot: int) -> None:
    here = committed
    other = here.stocked_lot(3, lot="B7")
    in_the_store = {"place_id": here.h.store.pk, "lot_id": other}
    with pytest.raises(NotFound):
        open_piece(actor=here.ward, key=unique("k"), place_id=here.h.cabinet.pk, lot_id=999_999_999)
    refused("not_enough", lambda: opened(here, other))
    with pytest.raises((Refused, NotFound)):
        open_piece(actor=here.ward, key=unique("k"), **in_the_store)
    set_opening(actor=editor(here), key=unique("k"), item_id=here.counted.pk, holds=None)
    refused("not_opened", lambda: opened(here, lot))
    assert list(opened_pieces(here.ward)) == []


def test_the_ward_opens_takes_and_discards_on_its_page(committed: Site, lot: int) -> None:
    here = committed
    here.nurse.language = "en"
    here.nurse.save(update_fields=["language"])
    client = Client()
    client.force_login(here.nurse)
    ItemCode.objects.create(item=here.counted, issuer="GS1", code="06901234500028")
    assert "Nothing is open" in sentences(client.get("/ward/opened"))
    scan = f"]d20106901234500028{17}{soon(90):%y%m%d}10B1"
    answer = client.post("/ward/opened", {"key": key("open"), "scan": scan}, follow=True)
    piece = OpenedPiece.objects.get()
    assert f"{piece.number} is opened" in sentences(answer)
    taken = client.post(f"/ward/opened/{piece.pk}/take", {"key": key("take"), "amount": "2.5"}, follow=True)
    assert "2.5 of 5 mL left" in sentences(taken)
    for amount, sentence in (("8", "2.5 mL are left"), ("much", "is not a number above zero")):
        odd = client.post(f"/ward/opened/{piece.pk}/take", {"key": key("take"), "amount": amount})
        assert (odd.status_code, sentence in sentences(odd)) == (409, True)
    assert client.post(f"/ward/opened/{piece.pk}/discard", {"key": key("discard")}).status_code == 409
    gone = {"key": key("discard"), "reason": "remainder"}
    assert "is discarded" in sentences(client.post(f"/ward/opened/{piece.pk}/discard", gone, follow=True))


def closed(here: Site, lot: int, pieces: int, status: str = "") -> LotQuantity:
    return LotQuantity(lot, Decimal(pieces), here.h.cabinet.pk, status=status)


def test_what_is_open_is_not_given_back_as_a_whole_piece(committed: Site, lot: int) -> None:
    """Six are open and four are not: the fullest shelf is not the open one."""
    here = committed
    pieces = [opened(here, lot).id for _ in range(6)]
    to = {"department_id": here.h.department.pk, "store_id": here.h.store.pk}

    def back(count: int, status: str = "") -> Any:
        return give_back(actor=here.ward, key=unique("k"), things=[closed(here, lot, count, status)], **to)

    refused("not_enough", lambda: back(5))
    refused("not_enough", lambda: back(1, "opened"))
    back(4)
    assert statuses(here) == {"opened": 6, "returned": 4}
    done = take(actor=here.ward, key=unique("k"), piece_id=pieces[0], amount=Decimal(5))
    assert (done.state, statuses(here)) == ("used_up", {"opened": 5, "returned": 4, "used": 1})
    assert rebuild() == []


def test_a_hold_of_the_lot_leaves_it_open_and_stops_its_use(committed: Site, lot: int) -> None:
    here = committed
    piece = opened(here, lot).id
    whole = [WholeLot(lot, here.h.cabinet.pk)]
    hold(actor=here.keeper, key=unique("k"), lots=whole, reason="suspected")
    assert statuses(here) == {"quarantined": 9, "opened": 1}
    refused("lot_on_hold", lambda: take(actor=here.ward, key=unique("k"), piece_id=piece, amount=Decimal(1)))
    release(actor=here.keeper, key=unique("k"), lots=whole, reason="inspected")
    assert statuses(here) == {"available": 9, "opened": 1}
    discard(actor=here.ward, key=unique("k"), piece_id=piece, reason=_any())
    assert statuses(here) == {"available": 9, "scrapped": 1}


def test_no_scrap_paper_takes_what_is_open(committed: Site, lot: int) -> None:
    here = committed
    for _ in range(6):
        opened(here, lot)
    [line] = listed([closed(here, lot, 4)])
    assert line.status == "available"
    for wanted in (closed(here, lot, 5), closed(here, lot, 1, "opened")):
        refused("not_enough", partial(listed, [wanted]))

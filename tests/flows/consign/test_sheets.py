"""The papers of a supplier's own goods say what they must, to those who may read them."""

from decimal import Decimal

import pytest

from tests.flows.buying import accountant
from tests.flows.theatre.room import Room
from yanji.access.gates import NotFound
from yanji.flows.consign.agreements import Kept
from yanji.flows.consign.models import ConsignmentAgreement, ConsignmentReceipt, TitleNote
from yanji.flows.correction import take_back
from yanji.flows.papers import sheet_of


def test_what_was_agreed_what_came_and_what_is_owed_is_printed(room: Room) -> None:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700), 4)])
    [epc] = room.consigned()
    case = room.case()
    used = room.use(case, epc)
    agreement, receipt, note = (
        model.objects.get() for model in (ConsignmentAgreement, ConsignmentReceipt, TitleNote)
    )
    told = sheet_of(room.buyer, "consignment_agreement", agreement.pk)
    assert (told.number, told.sections[0].rows[0][3:]) == (agreement.number, (4, Decimal(700)))
    told = sheet_of(room.keeper, "consignment_receipt", receipt.pk)
    assert (told.number, told.sections[0].total[-1]) == (receipt.number, 1)
    assert epc.endswith(told.sections[0].rows[0][2])
    money = accountant(room.here)
    told = sheet_of(money, "title_note", note.pk)
    assert (told.number, told.sections[0].total[-1]) == (note.number, Decimal(700))
    # It goes to the supplier: nothing on it points to a patient.
    assert case.number not in repr(told)
    assert case.patient_token not in repr(told)
    take_back(actor=room.nurse, key="back", event_id=used.events[0], reason="wrong_scan")
    told = sheet_of(money, "title_note", note.pk)
    assert (bool(told.state), told.sections[0].total[-1]) == (True, Decimal(0))


def test_who_has_nothing_to_do_with_them_does_not_read_them(room: Room) -> None:
    room.agreement(items=[Kept(room.here.h.item.pk, Decimal(700))])
    room.use(room.case(), *room.consigned())
    for kind, model in (
        ("consignment_agreement", ConsignmentAgreement),
        ("consignment_receipt", ConsignmentReceipt),
        ("title_note", TitleNote),
    ):
        with pytest.raises(NotFound):
            sheet_of(room.nurse, kind, model.objects.get().pk)
        with pytest.raises(NotFound):
            sheet_of(room.buyer, kind, 0)

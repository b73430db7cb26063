"""What each kind of document allows: one table of data, which verb leads from which states to which."""

from yanji.ledger.api import Refused

from .moves import Move, moves
from .states import (
    AgreementState,
    AnswerState,
    ApprovalState,
    CabinetCaseState,
    CaseState,
    ChangeState,
    ChargeState,
    ContractState,
    CountState,
    CreditNoteState,
    CycleState,
    DepartmentReturnState,
    DifferenceState,
    DisposalState,
    EmergencyState,
    FirstInvoiceState,
    HandoverState,
    ImplantState,
    InvoiceState,
    IssueState,
    KitPickState,
    LendingState,
    LoanSetState,
    NoticeState,
    OfferedPaperState,
    OpenedState,
    OrderState,
    PaymentHoldState,
    PurchaseRequestState,
    RecallState,
    RequisitionState,
    SettlementState,
    SettleUpState,
    StandingState,
    SupplierReturnState,
    TransferState,
    WaveState,
)

# A transfer that is approved, and neither closed nor called off.
_GOING = "requested picking picked underway partly_arrived arrived"

DOCUMENT_MOVES: dict[tuple[str, str], Move] = {
    **moves(
        "order",
        OrderState,
        place="draft -> waiting placed",
        approve="waiting -> placed",
        refuse="waiting -> draft",
        withdraw="waiting -> draft",
        # A surplus at the dock may need a complete order to be raised.
        change="draft placed partly_received received -> same",
        answer="placed partly_received -> same",
        # What was offered may have come meanwhile: the buyer still says a word to it.
        settle="placed partly_received received -> placed partly_received received closed",
        cancel="draft waiting placed -> cancelled",
        announce="placed partly_received -> same",
        receive="placed partly_received -> placed partly_received received",
        # What was rejected and is in a patient all the same.
        accept_used="placed partly_received received -> placed partly_received received",
        take_back="placed partly_received received closed -> same",
        close="draft placed partly_received received -> closed",
    ),
    **moves(
        "order_change",
        ChangeState,
        approve="waiting -> applied",
        refuse="waiting -> refused",
        # By whoever buys, or with an order that ends before anybody has decided.
        withdraw="waiting -> withdrawn",
    ),
    **moves(
        "line_answer",
        AnswerState,
        settle="open -> accepted refused",
        # The supplier said something else since, or the buyer asks for something else.
        replace="open accepted -> replaced",
    ),
    **moves(
        "approval",
        ApprovalState,
        decide="waiting -> approved refused",
        withdraw="waiting -> withdrawn",
    ),
    **moves(
        "purchase_request",
        PurchaseRequestState,
        approve="waiting -> approved",
        refuse="waiting -> refused",
        order="approved partly_ordered -> partly_ordered ordered",
        # An order that was cancelled gives back what it had taken over.
        give_back="partly_ordered ordered closed -> approved partly_ordered ordered closed",
        close="waiting approved partly_ordered -> closed",
    ),
    **moves(
        "contract",
        ContractState,
        edit="draft -> same",
        activate="draft -> waiting active",
        approve="waiting -> active",
        refuse="waiting -> draft",
        end="draft waiting active -> ended",
    ),
    **moves(
        "invoice",
        InvoiceState,
        match="differs matched -> same",
        accept="differs -> differs matched",
        hold="differs matched released -> differs matched",
        release="matched -> released",
        void="differs matched -> voided",
    ),
    **moves(
        "offered_paper",
        OfferedPaperState,
        decide="offered -> entered refused",
        withdraw="offered -> withdrawn",
    ),
    **moves(
        "first_invoice",
        FirstInvoiceState,
        verify="entered -> verified",
        # Also what was verified by mistake: payment waits for the right one again.
        void="entered verified -> voided",
    ),
    **moves("payment_hold", PaymentHoldState, lift="placed -> lifted"),
    **moves(
        "notice",
        NoticeState,
        receive="announced partly_arrived -> announced partly_arrived arrived",
        withdraw="announced partly_arrived -> withdrawn",
    ),
    **moves("receipt", StandingState, take_back="stands -> voided"),
    **moves("landed_cost", StandingState, take_back="stands -> voided"),
    **moves("import_paper", StandingState, void="stands -> voided"),
    **moves("lot_recall", RecallState, end="in_force -> ended"),
    **moves(
        "requisition",
        RequisitionState,
        # Refused, a requisition is closed: its approval says by whom and why.
        approve="awaiting -> requested closed",
        reserve="requested picking -> same",
        pick="requested picking -> picking picked",
        unpick="picking picked -> requested picking",
        issue="picking picked -> picking picked issued",
        take_back="requested picking picked issued closed -> same",
        close="awaiting requested picking picked issued -> closed",
    ),
    **moves(
        "issue",
        IssueState,
        take_in="underway partly_taken_in -> partly_taken_in taken_in",
        take_over="underway partly_taken_in taken_in -> same",
        take_back="underway partly_taken_in taken_in -> underway partly_taken_in taken_in voided",
        # What did not reach the department any more, or what the store found, moves the lines of its issue.
        settle="underway partly_taken_in taken_in -> same",
    ),
    **moves(
        "department_return",
        DepartmentReturnState,
        # A part of it may wait still; what an inspection said may be taken back, and the thing waits again.
        inspect="sent inspected -> sent inspected",
        take_back="sent inspected -> voided",
    ),
    **moves("handover", HandoverState, take_back="handed_on -> voided"),
    **moves(
        "wave",
        WaveState,
        # A walk ends by itself with what was picked last.
        pick="open -> closed",
        close="open -> closed",
    ),
    **moves(
        "kit_pick",
        KitPickState,
        end="picked -> put_back issued torn",
        # The entry that ended it, and the kit is whole; or the one that picked it.
        reopen="put_back issued torn -> picked",
        take_back="picked -> put_back",
    ),
    **moves(
        "cabinet_case",
        CabinetCaseState,
        settle="open -> credited explained",
        come_back="open -> came_back",
        # The entry for somebody was wrong: it is to be looked into again.
        reopen="credited -> open",
    ),
    **moves(
        "issue_difference",
        DifferenceState,
        settle="open -> settled",
        reopen="settled -> open",
    ),
    **moves(
        "opened",
        OpenedState,
        take="open -> used_up",
        discard="open -> discarded",
        # Opened by mistake, a wrong part, thrown away by mistake.
        void="open -> voided",
        void_part="open used_up -> open",
        reopen="discarded -> open",
    ),
    **moves(
        "case",
        CaseState,
        use="planned open -> open",
        set_out="planned open -> open",
        set_back="open -> same",
        waste="planned open -> open",
        plan="planned open -> same",
        close="planned open -> closed",
        # What is taken back of a closed case opens it: its account is not what it was.
        take_back="planned open closed -> open",
    ),
    **moves(
        "count",
        CountState,
        scan="open recount -> same",
        close="open recount -> counted",
        decide="counted -> same",
        recount="counted -> recount",
        submit="counted -> awaiting posted",
        approve="awaiting -> counted posted",
        cancel="open counted recount awaiting -> cancelled",
    ),
    **moves(
        "charge",
        ChargeState,
        request="used refunded -> pending",
        withdraw="pending -> used",
        confirm="pending -> charged",
        ask_refund="charged -> refund_pending",
        keep="refund_pending -> charged",
        refund="refund_pending -> refunded",
        take_back="used pending refunded -> voided",
    ),
    **moves(
        "emergency_use",
        EmergencyState,
        decide="awaiting -> approved refused",
        # Of a use that was taken back the goods and their order may stay.
        accept="refused voided -> accepted",
        take_back="awaiting approved refused accepted -> voided",
    ),
    **moves(
        "implant",
        ImplantState,
        describe="implanted explanted -> same",
        explant="implanted -> explanted",
        # The taking out was entered by mistake; so was the use itself.
        put_back="explanted -> implanted",
        take_back="implanted -> voided",
    ),
    **moves(
        "loan_set",
        LoanSetState,
        # What comes later is not sterile: the set is sterilised again with it.
        arrive="expected arrived sterilised -> arrived",
        # A set may be sterilised again: opened by mistake, or sent back from the theatre. One entered late moves it nowhere.
        sterilise="arrived sterilised in_theatre closed -> sterilised in_theatre closed",
        # Entered wrongly: the set is not sterile by it, unless it went through another since. A closed one stays so.
        void_cycle="arrived sterilised in_theatre closed -> arrived sterilised in_theatre closed",
        send="sterilised -> in_theatre",
        hand_back="arrived sterilised in_theatre -> same",
        close="expected arrived sterilised in_theatre -> closed",
        # A delivery that is taken back, before the set is in its theatre: without any it is expected anew.
        void_arrival="arrived sterilised -> expected arrived sterilised",
        # Its way to the theatre is taken back: it lies where it was, sterile. What came late meanwhile is not.
        call_back="arrived sterilised in_theatre -> arrived sterilised",
        # What is taken back of a closed set opens it: its account is not what it was.
        take_back="closed -> arrived in_theatre",
    ),
    **moves("cycle", CycleState, void="entered -> voided"),
    **moves(
        "agreement",
        AgreementState,
        change="running -> same",
        # Nothing more comes under it; what lies here is used and settled as before.
        end="running -> ended",
        # Ended by mistake, and nothing was written in its place.
        take_back="ended -> running",
    ),
    **moves("agreement_ending", StandingState, take_back="stands -> voided"),
    **moves("consignment_receipt", StandingState, take_back="stands -> voided"),
    **moves("title_note", StandingState, take_back="stands -> voided"),
    **moves(
        "settlement",
        SettlementState,
        confirm="draft -> confirmed",
        discard="draft -> gone",
        # Its lines are open again for the statement that takes its place.
        void="confirmed -> voided",
    ),
    **moves(
        "lending",
        LendingState,
        confirm="lent -> owed",
        decline="lent -> declined",
        settle="owed -> owed settled",
        take_back="lent -> cancelled",
    ),
    **moves(
        "settle_up",
        SettleUpState,
        confirm="waiting -> confirmed",
        refuse="waiting -> voided",
        take_back="waiting -> voided",
    ),
    **moves(
        "disposal",
        DisposalState,
        approve="awaiting -> approved refused",
        destroy="approved -> destroyed",
        write_off="approved -> written_off",
        collect="destroyed -> collected",
        cancel="awaiting approved -> cancelled",
        take_back="destroyed -> approved",
        # Entered or signed wrongly: the firm and its certificate are named anew, the write-off is signed anew or called off.
        void_certificate="collected -> destroyed",
        void_write_off="written_off -> approved",
    ),
    **moves(
        "supplier_return",
        SupplierReturnState,
        approve="awaiting -> requested authorised refused",
        authorise="requested authorised -> authorised",
        send="authorised -> sent closed",
        credit="sent -> sent closed",
        close="sent -> closed",
        cancel="awaiting requested authorised -> cancelled",
        take_back="sent closed -> authorised",
        # A credit note that is voided is due again, also where the return was complete or had been closed short.
        void_credit="sent closed -> sent",
    ),
    **moves("credit_note", CreditNoteState, void="entered -> voided"),
    **moves(
        "transfer",
        TransferState,
        approve="awaiting -> requested refused",
        pick=f"{_GOING} -> picking picked underway partly_arrived arrived",
        unpick=f"{_GOING} -> same",
        ship="picking picked underway partly_arrived arrived -> underway partly_arrived",
        arrive="underway partly_arrived -> underway partly_arrived arrived",
        give_up="underway partly_arrived -> partly_arrived arrived",
        take_back=f"{_GOING} closed -> same",
        close="arrived -> closed",
        cancel="awaiting requested picking picked underway -> cancelled",
    ),
}

# Orders on which the supplier still delivers, ship notices of which something is still to come, transfers under way.
RUNNING = DOCUMENT_MOVES["order", "receive"].sources
AWAITED = DOCUMENT_MOVES["notice", "receive"].sources
GOING = DOCUMENT_MOVES["transfer", "unpick"].sources
CLOSED_CODES = {
    "order": "order_closed",
    "requisition": "requisition_closed",
    "case": "case_closed",
    "line_answer": "answer_settled",
    "approval": "approval_decided",
    "receipt": "already_corrected",
    "consignment_receipt": "already_corrected",
    "landed_cost": "already_corrected",
    "import_paper": "already_corrected",
    "implant": "implant_voided",
}


def allow(kind: str, verb: str, *, number: str, state: str, label: str) -> None:
    """Raises :class:`Refused` where a document in this state does not allow the verb."""
    if state not in DOCUMENT_MOVES[kind, verb].sources:
        raise Refused(CLOSED_CODES.get(kind, "document_closed"), thing=number, state=label)


def reached(kind: str, verb: str, state: str) -> str:
    """The state that a verb leads to; a state that the table does not name is a bug."""
    assert state in DOCUMENT_MOVES[kind, verb].targets, (kind, verb, state)
    return state


def verbs(kind: str, state: str) -> list[str]:
    """The verbs that a document allows now: the buttons of its page."""
    return [verb for (of, verb), move in DOCUMENT_MOVES.items() if of == kind and state in move.sources]

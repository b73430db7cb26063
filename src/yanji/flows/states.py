"""The states that each kind of document may be in, and what people call them."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    PLACED = "placed", _("Placed")
    PARTLY_RECEIVED = "partly_received", _("Partly received")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class ChangeState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AnswerState(models.TextChoices):
    """Of what a supplier says to a line."""

    OPEN = "open", _("To be settled")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    REPLACED = "replaced", _("Replaced by a later answer or a change")


class PurchaseRequestState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", _("To be ordered")
    PARTLY_ORDERED = "partly_ordered", _("Partly ordered")
    ORDERED = "ordered", _("Ordered")
    REFUSED = "refused", _("Refused")
    CLOSED = "closed", _("Closed")


class ContractState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    ACTIVE = "active", _("In force")
    ENDED = "ended", _("Ended")


class InvoiceState(models.TextChoices):
    DIFFERS = "differs", _("Differs")
    MATCHED = "matched", _("Matched")
    RELEASED = "released", _("Released for payment")
    VOIDED = "voided", _("Voided")


class NoticeState(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    PARTLY_ARRIVED = "partly", _("Partly arrived")
    ARRIVED = "arrived", _("Arrived")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StandingState(models.TextChoices):
    """Of papers that stand from the moment they are written until they are taken back."""

    STANDS = "stands", _("Stands")
    VOIDED = "voided", _("Taken back")

    @classmethod
    def until(cls, voided_at: datetime | None) -> "StandingState":
        return cls.STANDS if voided_at is None else cls.VOIDED


class RequisitionState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    REQUESTED = "requested", _("Requested")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("Picked")
    ISSUED = "issued", _("Issued")
    CLOSED = "closed", _("Closed")


class DepartmentReturnState(models.TextChoices):
    SENT = "sent", _("Sent")
    INSPECTED = "inspected", _("Inspected")
    VOIDED = "voided", _("Taken back")


class IssueState(models.TextChoices):
    UNDERWAY = "underway", _("Under way")
    PARTLY_TAKEN_IN = "partly_taken_in", _("Partly taken in")
    TAKEN_IN = "taken_in", _("Taken in")
    VOIDED = "voided", _("Taken back")


class HandoverState(models.TextChoices):
    """Of explanted devices."""

    HANDED_ON = "handed_on", _("Handed on")
    VOIDED = "voided", _("Taken back")


class WaveState(models.TextChoices):
    OPEN = "open", _("Being picked")
    CLOSED = "closed", _("Closed")


class DifferenceState(models.TextChoices):
    OPEN = "open", _("To be settled")
    SETTLED = "settled", _("Settled")


class CaseState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class CountState(models.TextChoices):
    OPEN = "open", _("Being counted")
    COUNTED = "counted", _("Counted")
    RECOUNT = "recount", _("Being recounted")
    AWAITING = "awaiting", _("Awaiting approval")
    POSTED = "posted", _("Posted")
    CANCELLED = "cancelled", _("Cancelled")


class ChargeState(models.TextChoices):
    USED = "used", _("Used, not charged")
    PENDING = "charge_pending", _("To be charged")
    CHARGED = "charged", _("Charged")
    REFUND_PENDING = "refund_pending", _("To be refunded")
    REFUNDED = "refunded", _("Refunded")
    VOIDED = "voided", _("Taken back")


class EmergencyState(models.TextChoices):
    AWAITING = "awaiting", _("Waits for approval")
    APPROVED = "approved", _("Approved afterwards")
    REFUSED = "refused", _("Refused afterwards")
    ACCEPTED = "accepted", _("To be paid all the same")
    VOIDED = "voided", _("Taken back")


class ImplantState(models.TextChoices):
    IMPLANTED = "implanted", _("In the patient")
    EXPLANTED = "explanted", _("Taken out again")
    VOIDED = "voided", _("Taken back")


class LoanSetState(models.TextChoices):
    EXPECTED = "expected", _("Expected")
    ARRIVED = "arrived", _("Checked in")
    STERILISED = "sterilised", _("Sterilised")
    IN_THEATRE = "in_theatre", _("In the theatre")
    CLOSED = "closed", _("Closed")


class AgreementState(models.TextChoices):
    RUNNING = "running", _("In force")
    ENDED = "ended", _("Terminated")


class SettlementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")
    VOIDED = "voided", _("Voided")


class TransferState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    REQUESTED = "requested", _("Requested")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("Picked")
    UNDERWAY = "underway", _("Under way")
    PARTLY_ARRIVED = "partly_arrived", _("Partly arrived")
    ARRIVED = "arrived", _("Arrived")
    CLOSED = "closed", _("Closed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class OpenedState(models.TextChoices):
    OPEN = "open", _("In use")
    USED_UP = "used_up", _("Used up")
    DISCARDED = "discarded", _("Discarded")
    VOIDED = "voided", _("Taken back")


class LendingState(models.TextChoices):
    LENT = "lent", _("Lent, to be confirmed")
    OWED = "owed", _("Owed")
    SETTLED = "settled", _("Settled")
    DECLINED = "declined", _("Declined by the borrower")
    CANCELLED = "cancelled", _("Cancelled")


class SettleUpState(models.TextChoices):
    WAITING = "waiting", _("To be confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    VOIDED = "voided", _("Not accepted")


class CabinetCaseState(models.TextChoices):
    OPEN = "open", _("To be looked into")
    CREDITED = "credited", _("Entered for a person")
    CAME_BACK = "came_back", _("It is as recorded again")
    EXPLAINED = "explained", _("Looked into")


class KitPickState(models.TextChoices):
    PICKED = "picked", _("Picked")
    PUT_BACK = "put_back", _("Put back")
    ISSUED = "issued", _("Handed over")
    TORN = "torn", _("Not whole any more")


class RecallState(models.TextChoices):
    IN_FORCE = "in_force", _("In force")
    ENDED = "ended", _("Ended")


class DisposalState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    APPROVED = "approved", _("To be carried out")
    DESTROYED = "destroyed", _("Destroyed")
    WRITTEN_OFF = "written_off", _("Written off")
    COLLECTED = "collected", _("Taken away")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class SupplierReturnState(models.TextChoices):
    AWAITING = "awaiting", _("Awaiting approval")
    REQUESTED = "requested", _("Waits for the supplier")
    AUTHORISED = "authorised", _("Authorised by the supplier")
    SENT = "sent", _("Sent, credit awaited")
    CLOSED = "closed", _("Closed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class CycleState(models.TextChoices):
    ENTERED = "entered", _("Entered")
    VOIDED = "voided", _("Voided")


class CreditNoteState(models.TextChoices):
    ENTERED = "entered", _("Entered")
    VOIDED = "voided", _("Voided")


class OfferedPaperState(models.TextChoices):
    OFFERED = "offered", _("To be checked")
    ENTERED = "entered", _("Entered")
    REFUSED = "refused", _("Not accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class PaymentHoldState(models.TextChoices):
    PLACED = "placed", _("Held")
    LIFTED = "lifted", _("Lifted")


class FirstInvoiceState(models.TextChoices):
    ENTERED = "entered", _("To be verified")
    VERIFIED = "verified", _("Verified")
    VOIDED = "voided", _("Voided")


class ApprovalState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("No longer asked")

"""What the papers of an event are called; other kinds are shown as they are."""

from django.utils.translation import gettext_lazy as _

DOCUMENTS = {
    "order": _("Order"),
    "notice": _("Ship notice"),
    "receipt": _("Receipt no."),
    "delivery": _("Delivery note"),
    "requisition": _("Requisition"),
    "issue": _("Issue no."),
    "case": _("Case"),
    "patient": _("Patient"),
    "procedure": _("Procedure"),
    "operator": _("Operator"),
    "return": _("Return no."),
    "scrap": _("Scrap no."),
    "count": _("Count no."),
    "loan_set": _("Loan set"),
    "opened": _("Opened piece"),
    "despite": _("Used although it must not have been"),
    "transfer": _("Transfer"),
    "seals": _("Seals"),
    "lending": _("Lending"),
    "charged_to": _("Charged to"),
    "handover": _("Hand-over"),
    "settlement": _("Settlement"),
    "recall": _("Recall"),
    "cabinet": _("Cabinet"),
    "reservation": _("Reservation"),
    "authorisation": _("Return authorisation"),
    "opening": _("Opening stock"),
}

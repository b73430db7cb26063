"""Everything a person can be allowed to do. A role is a set of these; a grant gives a role over a subtree of places."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Operation(models.TextChoices):
    """One thing that can be allowed. Codes are stored in roles: never rename, only add."""

    VIEW = "view", _("See stock and life lines")
    VIEW_PATIENT = "view_patient", _("See patient tokens and cases")
    ORDER = "order", _("Order from suppliers")
    ANNOUNCE = "announce", _("Enter ship notices")
    RECEIVE = "receive", _("Receive and inspect goods")
    STORE = "store", _("Put away and move within a store")
    REQUEST = "request", _("Request from a store")
    PICK = "pick", _("Pick and reserve")
    ISSUE = "issue", _("Issue to departments")
    TAKE_IN = "take_in", _("Take in at the department")
    USE = "use", _("Use on a patient")
    GIVE_BACK = "give_back", _("Give back unused")
    INSPECT_RETURN = "inspect_return", _("Inspect returns")
    SCRAP = "scrap", _("Scrap")
    WITNESS = "witness", _("Be the second person")
    HOLD = "hold", _("Hold and release")
    CORRECT = "correct", _("Correct a wrong entry")
    LABEL = "label", _("Assign hospital labels")
    EDIT_CATALOG = "edit_catalog", _("Edit the catalogue")
    EDIT_PLACES = "edit_places", _("Edit places")
    EDIT_ACCESS = "edit_access", _("Edit people and grants")
    SEE_FIGURES = "see_figures", _("See values and figures")
    TRANSFER = "transfer", _("Transfer between stores and campuses")
    LEND = "lend", _("Lend to other departments")
    RETURN_GOODS = "return_goods", _("Return goods to suppliers")
    COUNT = "count", _("Count stock, report missing and found")
    APPROVE = "approve", _("Approve documents")
    CONTRACT = "contract", _("Keep contracts and agreements")
    CONSIGN = "consign", _("Take consignment and loan sets, and title to goods")
    INVOICE = "invoice", _("Enter and match invoices")
    PAY = "pay", _("Hold and release payments")
    PACK = "pack", _("Pack, unpack and build kits")
    EDIT_RULES = "edit_rules", _("Edit approval rules and reasons")
    AUDIT = "audit", _("See refused attempts and signatures")
    SUPPLY = "supply", _("Act for a supplier")
    SENSE = "sense", _("Report what a cabinet saw (devices)")


# The roles every hospital starts with; administrators may change them in the pages.
STANDARD_ROLES: dict[str, tuple[str, str, frozenset[Operation]]] = {
    "storekeeper": (
        "库管员",
        "Storekeeper",
        frozenset(
            {
                Operation.VIEW,
                Operation.ANNOUNCE,
                Operation.RECEIVE,
                Operation.STORE,
                Operation.PICK,
                Operation.ISSUE,
                Operation.INSPECT_RETURN,
                Operation.SCRAP,
                Operation.WITNESS,
                Operation.HOLD,
                Operation.CORRECT,
                Operation.LABEL,
                Operation.TRANSFER,
                Operation.RETURN_GOODS,
                Operation.COUNT,
                Operation.CONSIGN,
                Operation.PACK,
            }
        ),
    ),
    "nurse": (
        "护士",
        "Nurse",
        frozenset(
            {
                Operation.VIEW,
                Operation.VIEW_PATIENT,
                Operation.REQUEST,
                Operation.TAKE_IN,
                Operation.USE,
                Operation.GIVE_BACK,
                Operation.SCRAP,
                Operation.WITNESS,
                Operation.CORRECT,
                Operation.LEND,
                Operation.COUNT,
            }
        ),
    ),
    "buyer": (
        "采购员",
        "Buyer",
        frozenset(
            {
                Operation.VIEW,
                Operation.ORDER,
                Operation.ANNOUNCE,
                Operation.EDIT_CATALOG,
                Operation.SEE_FIGURES,
                Operation.CONTRACT,
                Operation.INVOICE,
                Operation.RETURN_GOODS,
            }
        ),
    ),
    "manager": (
        "管理者",
        "Manager",
        frozenset({Operation.VIEW, Operation.SEE_FIGURES, Operation.APPROVE}),
    ),
    "administrator": (
        "系统管理员",
        "Administrator",
        frozenset(
            {
                Operation.VIEW,
                Operation.EDIT_CATALOG,
                Operation.EDIT_PLACES,
                Operation.EDIT_ACCESS,
                Operation.EDIT_RULES,
                Operation.AUDIT,
            }
        ),
    ),
    "approver": (
        "审批人",
        "Approver",
        frozenset({Operation.VIEW, Operation.APPROVE}),
    ),
    "accountant": (
        "会计",
        "Accountant",
        frozenset({Operation.VIEW, Operation.INVOICE, Operation.PAY, Operation.SEE_FIGURES}),
    ),
    "auditor": (
        "审计员",
        "Auditor",
        frozenset({Operation.VIEW, Operation.AUDIT, Operation.SEE_FIGURES}),
    ),
    "quality": (
        "质量管理员",
        "Quality officer",
        frozenset({Operation.VIEW, Operation.HOLD, Operation.AUDIT, Operation.RETURN_GOODS}),
    ),
    "supplier": (
        "供应商",
        "Supplier",
        frozenset({Operation.SUPPLY}),
    ),
}

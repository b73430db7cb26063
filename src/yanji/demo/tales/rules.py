"""Who approves what, from which amount on: written down before the first day's work."""

from datetime import date
from decimal import Decimal

from yanji.access.models import Role
from yanji.flows.approval_rules import add_rule

from ..stage import Stage, place
from ..teller import Teller

# kind, level, from which amount on (CNY), role; for the whole group
RULES = (
    ("purchase_request", 1, 0, "manager"),
    ("purchase_request", 2, 100_000, "approver"),
    ("order", 1, 300_000, "approver"),
    ("contract", 1, 0, "approver"),
    ("requisition", 1, 80_000, "manager"),
    ("transfer", 1, 60_000, "manager"),
    ("count", 1, 5_000, "manager"),
    ("scrap", 1, 20_000, "manager"),
    ("supplier_return", 1, 20_000, "manager"),
    ("emergency_use", 1, 0, "manager"),
)


def rules(teller: Teller, day: date) -> None:
    for number, (kind, level, amount, role) in enumerate(RULES):
        teller.do(
            day, 361 + number, add_rule, "admin", kind=kind, place_id=place("YANSHAN"), level=level,
            from_amount=Decimal(amount), role_id=_role(role),
        )  # fmt: skip


def _role(code: str) -> object:
    def found(_stage: Stage) -> int:
        return Role.objects.get(code=code).pk

    return found

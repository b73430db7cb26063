"""What the hospital says by itself: who approves what from which amount on, how far goods may differ, the reasons to choose from.

Most of it is written down before the first day's work; some is put right later.
"""

from datetime import date
from decimal import Decimal

from yanji.access.models import Role
from yanji.flows.approval_rules import add_rule, edit_rule, set_rule_active
from yanji.flows.buying.rules import set_rules
from yanji.flows.reasons import add_reason, move_reason, rename_reason, set_reason_active

from ..stage import Stage, made, place
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
    teller.do(
        day, 373, set_rules, "buyer", over_delivery_percent=Decimal(0), price_tolerance_percent=Decimal(0), made_decides=True,
        answers={},
    )  # fmt: skip


def second_signature(teller: Teller, day: date) -> None:
    """The dearest requisitions are to be signed twice; the amount was too high, and after a month nobody needs the rule."""
    first, name = teller.after(day), "rule:second"
    told = {"level": 2, "role_id": _role("approver")}
    teller.do(
        first, 441, add_rule, "admin", name=name, kind="requisition", place_id=place("YANSHAN"),
        from_amount=Decimal(900_000), **told,
    )  # fmt: skip
    teller.do(first, 446, edit_rule, "admin", rule_id=made(name), from_amount=Decimal(600_000), **told)
    teller.do(teller.after(first, 20), 443, set_rule_active, "admin", rule_id=made(name), active=False)


def reworded(teller: Teller, day: date) -> None:
    """A reason for holding goods is added, worded better and offered earlier; another is not offered any more after a week."""
    first = teller.after(day)
    for number, (code, zh, en) in enumerate(
        (
            ("temperature_doubt", "温度存疑", "Temperature in doubt"),
            ("label_reprint", "标签重打", "Label is printed anew"),
        )
    ):
        teller.do(
            first, 448 + number, add_reason, "admin", name=f"reason:{code}", group="hold", code=code, name_zh=zh, name_en=en
        )  # fmt: skip
    doubt = {"reason_id": made("reason:temperature_doubt")}
    better = {"name_zh": "运输或储存温度存疑", "name_en": "Carried or kept at a doubtful temperature"}
    teller.do(first, 452, rename_reason, "admin", **doubt, **better)
    teller.do(first, 453, move_reason, "admin", **doubt, up=True)
    teller.do(
        teller.after(first, 5), 449, set_reason_active, "admin", reason_id=made("reason:label_reprint"), active=False
    )  # fmt: skip


def _role(code: str) -> object:
    def found(_stage: Stage) -> int:
        return Role.objects.get(code=code).pk

    return found

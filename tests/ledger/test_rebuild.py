"""rebuild() finds each kind of drift; planted by the owner of the tables, since nobody else could."""

from decimal import Decimal

import pytest

from tests.makers import Hospital, everything, hospital, person, unique
from tests.postgres import TestDatabases
from tests.races.crowd import owner
from yanji.catalog.models import Item
from yanji.ledger.api import NewQuantity, Step, log_position, rebuild, sequence
from yanji.ledger.models import Since

pytestmark = pytest.mark.django_db(transaction=True)


def lived() -> tuple[Hospital, list[str]]:
    """A little history: units put away, one used, a quantity received."""
    house = hospital()
    epcs = house.stocked(3)
    house.do(Step.PUT_AWAY, *epcs)
    house.do(Step.USE, epcs[0])
    item = Item.objects.create(code=unique("LOT"), name_zh="缝线", tracking="lot", temperature_class="room")
    house.do(Step.RECEIVE, NewQuantity(item.pk, Decimal("2.5"), "L2", cost=Decimal(7)))
    assert rebuild() == []
    return house, epcs


U = "(SELECT id FROM ledger_unit WHERE epc = %(epc)s)"
PLANTED = {
    "status": ("unit_state", "UPDATE ledger_unit SET status = 'lost' WHERE epc = %(epc)s"),
    "place": ("unit_state", "UPDATE ledger_unit SET place_id = %(place)s WHERE epc = %(epc)s"),
    "custodian": ("unit_state", "UPDATE ledger_unit SET custodian_id = NULL WHERE epc = %(epc)s"),
    "owner": ("unit_state", "UPDATE ledger_unit SET owner_id = %(supplier)s WHERE epc = %(epc)s"),
    "seq": ("unit_state", "UPDATE ledger_unit SET seq = seq + 1 WHERE epc = %(epc)s"),
    "lot": ("unit_state", "UPDATE ledger_unit SET lot_id = (SELECT max(id) FROM ledger_lot) WHERE epc = %(epc)s"),
    "no history": ("unit_state", f"DELETE FROM ledger_movement WHERE unit_id = {U}"),
    "a missing link": ("unit_chain", f"DELETE FROM ledger_movement WHERE unit_id = {U} AND seq = 2"),
    "a missing first link": ("unit_chain", f"DELETE FROM ledger_movement WHERE unit_id = {U} AND seq = 1"),
    "a broken link": (
        "unit_chain",
        f"UPDATE ledger_movement SET from_place_id = %(place)s WHERE unit_id = {U} AND seq = 2",
    ),
    "a changed status between": (
        "unit_chain",
        f"UPDATE ledger_movement SET to_status = 'recalled' WHERE unit_id = {U} AND seq = 2",
    ),
    "a level too high": ("level", "UPDATE ledger_level SET quantity = quantity + 1 WHERE quantity > 0"),
    "a level's value": ("level", "UPDATE ledger_level SET value = value + 0.01 WHERE quantity = 2.5"),
    "a level gone": ("level", "DELETE FROM ledger_level WHERE quantity > 0"),
    "a level out of nowhere": (
        "level",
        (
            "INSERT INTO ledger_level (place_id, lot_id, status, quantity, value)"
            " SELECT %(place)s, max(id), 'recalled', 1, 1 FROM ledger_lot"
        ),
    ),
    "a count": ("count", "UPDATE ledger_level SET quantity = quantity + 1 WHERE quantity = 2"),
    "a use gone": ("use", "DELETE FROM ledger_use"),
    "a use too many": (
        "use",
        (
            "INSERT INTO ledger_use (unit_id, event_id, case_number, patient_token, procedure, operator)"
            f" SELECT {U}, event_id, 'C', 'P', '', '' FROM ledger_use LIMIT 1"
        ),
    ),
    "an empty event": (
        "event",
        "DELETE FROM ledger_movement WHERE event_id = (SELECT event_id FROM ledger_movement WHERE quantity = 2.5)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("drift", PLANTED)
def test_planted_drift_is_found(databases: TestDatabases, drift: str) -> None:
    house, epcs = lived()
    check, statement = PLANTED[drift]
    with owner(databases) as made:
        for table in ("ledger_movement", "ledger_event"):
            made.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        facts = {"epc": epcs[1], "place": house.cabinet.pk, "supplier": house.supplier.pk}
        assert made.execute(statement, facts).rowcount > 0
    found = rebuild()
    assert check in {drift.check for drift in found}
    if check.startswith("unit"):
        assert epcs[1] in {drift.thing for drift in found}


HELD = "(SELECT id FROM ledger_event WHERE step = 'hold')"


@pytest.mark.parametrize(
    ("named", "older", "drift"),
    [
        ("actor_id", True, []),
        ("actor_id", False, ["custody"]),
        ("(SELECT max(id) FROM access_person)", True, ["custody"]),
    ],
    ids=["before the rule", "since the rule", "never"],
)
def test_who_only_said_something_stands_as_it_was_written_before_the_rule(
    databases: TestDatabases, named: str, older: bool, drift: list[str]
) -> None:
    """An older entry names who made it; no entry ever named a third."""
    house = hospital()
    [epc] = house.stocked()
    house.do(Step.HOLD, epc, actor=everything(house.campus, person()))
    person()
    assert rebuild() == []
    sequence()
    Since.objects.update_or_create(rule="custody", defaults={"position": log_position() if older else 0})
    with owner(databases) as made:
        made.execute("ALTER TABLE ledger_movement DISABLE TRIGGER USER")
        custodian = f"custodian_id = (SELECT {named} FROM ledger_event WHERE step = 'hold')"
        made.execute(f"UPDATE ledger_movement SET {custodian} WHERE event_id = {HELD}")
        made.execute(f"UPDATE ledger_unit SET {custodian} WHERE epc = %s", [epc])
    assert [(each.check, each.thing) for each in rebuild()] == [(check, epc) for check in drift]
    house.do(Step.RELEASE, epc)
    assert [each.check for each in rebuild()] == drift

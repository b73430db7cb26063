"""Other codes of a unit: the hex of its RFID tag, a second symbol on its box. A code means one unit."""

from django.db import connection

from .models import Alias, Unit
from .refused import Refused


def bind(code: str, unit_id: int) -> bool:
    """Let a code mean a unit; False where it did already. Raises :class:`Refused` where it means something else."""
    assert connection.in_atomic_block
    if Unit.objects.filter(epc=code).exclude(pk=unit_id).exists():
        raise Refused("code_of_other_unit", thing=code)
    alias, made = Alias.objects.get_or_create(code=code, defaults={"unit_id": unit_id})
    if alias.unit_id != unit_id:
        raise Refused("code_of_other_unit", thing=code)
    return made


def release(code: str) -> int | None:
    """Let a code mean nothing any more: its tag was taken off. Returns the unit it meant."""
    assert connection.in_atomic_block
    alias = Alias.objects.select_for_update().filter(code=code).first()
    if alias is None:
        return None
    alias.delete()
    return alias.unit_id

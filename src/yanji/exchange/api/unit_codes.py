"""Other codes of a unit over the interface: put on, taken off, and what was on since when."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from yanji.flows.codes import add_code, codes_of, take_code

from .auth import actor
from .shapes import Answer, Epc, KeyOnly, Note, Reason, answered, may_fail
from .units import seen_unit

router = Router(tags=["units"])


class CodeIn(KeyOnly):
    """``code``: as a scanner or a tag reader sends it, for example the hex of an RFID tag."""

    epc: Epc
    code: Epc


@router.post("/units/codes", response=may_fail(Answer))
def name_unit(request: HttpRequest, payload: CodeIn) -> Answer:
    """Let another code mean a unit: from then on it is found and scanned by that as well."""
    who = actor(request)
    return answered(add_code(actor=who, key=payload.key, epc=payload.epc, code=payload.code))


class CodeOffIn(KeyOnly):
    """``reason``: a code of the group ``code_off``; ``epc``: the unit from which it is meant to come: refused where the code is
    another's by now."""

    code: Epc
    reason: Reason
    note: Note = ""
    epc: Annotated[str, Field(max_length=160)] = ""


@router.post("/units/codes/release", response=may_fail(Answer))
def unname_unit(request: HttpRequest, payload: CodeOffIn) -> Answer:
    """Let a code mean nothing any more: its tag was taken off. Who did it and why stays with the unit."""
    return answered(take_code(actor=actor(request), **payload.model_dump()))


class UnitCodeOut(Schema):
    """Another code of a unit, as long as it was on; ``bound_at`` is empty for what was on before this was kept."""

    code: str
    bound_at: datetime | None
    bound_by: str | None
    released_at: datetime | None
    released_by: str | None
    reason: str
    note: str


@router.get("/units/codes", response=may_fail(list[UnitCodeOut]))
def codes(request: HttpRequest, epc: Epc) -> list[UnitCodeOut]:
    """What a unit is called beside its identity, and was: what is on it first, then what came off last."""
    unit = seen_unit(epc, actor(request))
    return [
        UnitCodeOut(
            code=each.code, bound_at=each.bound_at, bound_by=each.bound_by and each.bound_by.name,
            released_at=each.released_at, released_by=each.released_by and each.released_by.name,
            reason=each.reason, note=each.note,
        )
        for each in codes_of(unit.id)
    ]  # fmt: skip

"""Preview, then confirm: what was shown is kept, so that exactly that is imported, and once."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .editor import Editor
from .models import ImportBatch
from .problems import Problem
from .read import read_table
from .sheet import Column, Row, parse


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of table. ``check`` reads what the rules need in bulk; ``write`` stores good rows set-based."""

    kind: str
    operation: str
    columns: tuple[Column, ...]
    check: Callable[[Sequence[Row], Editor], list[Row]]
    write: Callable[[Sequence[Row], Editor], None]


KeepBad = Callable[[str, Sequence[dict[str, Any]]], None]


def preview(sheet: Sheet, *, actor: Editor, file_name: str, data: bytes) -> ImportBatch:
    """Read and check a file; nothing but the preview is stored. Raises BadFile, PermissionDenied."""
    _demand(sheet, actor)
    parsed = parse(read_table(data), sheet.columns)
    rows = sheet.check(parsed.rows, actor)
    return ImportBatch.objects.create(
        kind=sheet.kind,
        file_name=_name(file_name),
        digest=hashlib.sha256(data).hexdigest(),
        columns=list(parsed.columns),
        unknown=list(parsed.unknown),
        good=[{"number": row.number, "values": row.values} for row in rows if not row.problems],
        bad=[_shown(row) for row in rows if row.problems],
        created_by_id=actor.person_id,
    )


def confirm(sheet: Sheet, *, actor: Editor, batch_id: int, keep_bad: KeepBad) -> ImportBatch:
    """Import the good rows of a preview and keep its bad ones, all or nothing.

    Rows are checked again: if the catalogue changed since so that one would no longer be good, nothing is imported.
    """
    _demand(sheet, actor)
    with transaction.atomic():
        batch = _locked(sheet, actor, batch_id)
        rows = _restored(sheet, batch)
        spoilt = [row for row in sheet.check(rows, actor) if row.problems]
        if spoilt:
            sentence = _(
                "Row %(row)s: %(reason)s. This has changed since the preview. Upload the file again."
            )
            facts = {"row": spoilt[0].number, "reason": spoilt[0].problems[0].sentence()}
            raise ValidationError(sentence, "changed_since", facts)
        sheet.write(rows, actor)
        keep_bad(f"{sheet.kind}: {batch.file_name}"[:80], batch.bad)
        return _decide(batch, ImportBatch.State.IMPORTED)


def drop(sheet: Sheet, *, actor: Editor, batch_id: int) -> ImportBatch:
    """Throw a preview away."""
    _demand(sheet, actor)
    with transaction.atomic():
        return _decide(_locked(sheet, actor, batch_id), ImportBatch.State.DROPPED)


def batch_of(actor: Editor, batch_id: int) -> ImportBatch | None:
    """A preview of this person's own; None when absent or somebody else's."""
    return ImportBatch.objects.filter(pk=batch_id, created_by_id=actor.person_id).first()


def recent(actor: Editor) -> QuerySet[ImportBatch]:
    """This person's imports, the latest first, without their rows."""
    return ImportBatch.objects.filter(created_by_id=actor.person_id).defer("good", "bad")


def reasons(stored: Sequence[dict[str, str]]) -> list[Problem]:
    """Problems as they were stored, to be worded in the reader's language."""
    return [
        Problem(found.get("code", ""), found.get("column", ""), found.get("detail", "")) for found in stored
    ]


def _locked(sheet: Sheet, actor: Editor, batch_id: int) -> ImportBatch:
    # Locked: two clicks on the button import once.
    mine = ImportBatch.objects.select_for_update().filter(created_by_id=actor.person_id, kind=sheet.kind)
    batch = mine.filter(pk=batch_id).first()
    if batch is None:
        raise PermissionDenied
    if batch.state != ImportBatch.State.SHOWN:
        raise ValidationError(_("This preview was already imported or dropped."), "decided")
    return batch


def _decide(batch: ImportBatch, state: ImportBatch.State) -> ImportBatch:
    batch.state, batch.decided_at = state, timezone.now()
    batch.save(update_fields=["state", "decided_at"])
    return batch


def _restored(sheet: Sheet, batch: ImportBatch) -> list[Row]:
    """Values come back from JSON as text; reading them again gives what was shown."""
    readers = {column.name: column.read for column in sheet.columns}
    return [
        Row(kept["number"], {name: readers[name](value) for name, value in kept["values"].items()})
        for kept in batch.good
    ]


def _shown(row: Row) -> dict[str, Any]:
    return {
        "number": row.number,
        "typed": row.typed,
        "problems": [problem.stored() for problem in row.problems],
    }


def _name(file_name: str) -> str:
    """The file's own name without folders or characters that cannot be stored."""
    bare = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return (
        "".join(character for character in bare if character.isprintable())
        .encode("utf-8", "ignore")
        .decode()[-120:]
    )


def _demand(sheet: Sheet, actor: Editor) -> None:
    if not actor.may(sheet.operation):
        raise PermissionDenied

"""The table of people: one row a person, with at most one role; passwords never come in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop

from yanji.places.models import Place
from yanji.places.queries import by_code
from yanji.sheets.batches import Sheet
from yanji.sheets.cells import choice, code, text
from yanji.sheets.editor import Editor
from yanji.sheets.problems import SENTENCES, Problem
from yanji.sheets.sheet import Column, Row, refuse_repeats

from .grants import why_not
from .models import Grant, Person, Role
from .people import WORKPLACES

SENTENCES.update(
    {
        "place_unknown": gettext_noop("There is no place “%(detail)s”"),
        "no_workplace": gettext_noop(
            "Nobody works at “%(detail)s”: name a department or a store, for managers a campus"
        ),
        "role_unknown": gettext_noop("There is no role “%(detail)s”"),
        "not_administered": gettext_noop("You do not administer this place"),
        "role_above": gettext_noop("You may not give this role there: it reaches further than you do"),
        "person_known": gettext_noop("This person is entered already. Change them on the page of people"),
        "bad_username": gettext_noop("A user name has letters, digits and . _ - @ only"),
    }
)

_LANGUAGES = {
    "zh": "zh-hans",
    "zh-hans": "zh-hans",
    "中文": "zh-hans",
    "en": "en",
    "英文": "en",
    "english": "en",
}
_name = partial(text, most=80)
COLUMNS = (
    Column("username", "用户名", "User name", partial(code, most=80), required=True, example="n0417"),
    Column("name_zh", "姓名", "Chinese name", _name, required=True, example="王护士"),
    Column("name_en", "英文名", "English name", _name, example="Nurse Wang"),
    Column(
        "department", "科室编码", "Department code", partial(code, most=40), required=True, example="CARD"
    ),
    Column("role", "角色", "Role", partial(code, most=40), example="nurse"),
    Column("role_place", "授权库位编码", "Role at place code", partial(code, most=40), example="CARD"),
    Column("language", "语言", "Language", partial(choice, known=_LANGUAGES), example="zh-hans"),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows name, read in three queries."""

    places: dict[str, Place]
    roles: dict[str, Role]
    usernames: frozenset[str]


def _check(rows: Sequence[Row], actor: Editor) -> list[Row]:
    checked = refuse_repeats(rows, lambda row: row.values.get("username", "").lower() or None)
    known = _read(checked)
    return [row if row.problems else row.wrong(*_against(row, known, actor)) for row in checked]


def _read(rows: Sequence[Row]) -> _Known:
    named = {
        row.values[name] for row in rows for name in ("department", "role_place") if row.values.get(name)
    }
    roles: dict[str, Role] = {}
    for role in Role.objects.all():
        roles |= {name.lower(): role for name in (role.code, role.name_zh, role.name_en) if name}
    asked = [row.values["username"].lower() for row in rows if row.values.get("username")]
    taken = Person.objects.annotate(low=Lower("username")).filter(low__in=asked).values_list("low", flat=True)
    return _Known(by_code(named), roles, frozenset(taken))


def _against(row: Row, known: _Known, actor: Editor) -> list[Problem]:
    got, found = row.values, []
    if got["username"].lower() in known.usernames:
        found.append(Problem("person_known", "username"))
    if not all(character.isalnum() or character in "._-@" for character in got["username"]):
        found.append(Problem("bad_username", "username"))
    works_at = known.places.get(got["department"])
    found += _at(works_at, "department", got["department"], actor)
    if works_at and not works_at.is_virtual and works_at.kind not in WORKPLACES:
        found.append(Problem("no_workplace", "department", got["department"]))
    if not got.get("role"):
        return found
    role = known.roles.get(got["role"].lower())
    if role is None:
        return [*found, Problem("role_unknown", "role", got["role"])]
    place = known.places.get(got.get("role_place") or got["department"])
    found += _at(place, "role_place", got.get("role_place") or got["department"], actor)
    if place and why_not(actor, person_id=0, operations=role.operations, path=place.path):
        found.append(Problem("role_above", "role"))
    return found


def _at(place: Place | None, column: str, written: str, actor: Editor) -> list[Problem]:
    if place is None or place.is_virtual or not place.active:
        return [Problem("place_unknown", column, written)]
    return [] if actor.may("edit_access", place.path) else [Problem("not_administered", column)]


def _write(rows: Sequence[Row], actor: Editor) -> None:
    known = _read(rows)
    # One unusable password is as good as another; hashing one a person would take minutes.
    unusable = make_password(None)
    people = Person.objects.bulk_create(
        [
            Person(
                username=row.values["username"],
                password=unusable,
                name_zh=row.values["name_zh"],
                name_en=row.values.get("name_en", ""),
                department=known.places[row.values["department"]],
                language=row.values.get("language") or "",
            )
            for row in rows
        ],
        batch_size=2_000,
    )
    Grant.objects.bulk_create(
        [
            Grant(
                person=person,
                role=known.roles[row.values["role"].lower()],
                place=known.places[row.values.get("role_place") or row.values["department"]],
            )
            for person, row in zip(people, rows, strict=True)
            if row.values.get("role")
        ],
        batch_size=2_000,
    )


SHEET = Sheet("people", "edit_access", COLUMNS, _check, _write)

"""The table of places: one row a place, parents by their code, in any order."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.utils.translation import gettext_noop

from yanji.sheets.batches import Sheet
from yanji.sheets.cells import choice, code, text
from yanji.sheets.editor import Editor
from yanji.sheets.problems import SENTENCES, Problem
from yanji.sheets.sheet import Column, Row, refuse_repeats

from . import rules
from .actions import holds_everywhere, lock_tree
from .models import Kind, Place
from .temperature import CLASSES

SENTENCES.update(
    {
        "parent_unknown": gettext_noop("There is no place “%(detail)s”, neither here nor in this table"),
        "parent_bad": gettext_noop(
            "The place above, “%(detail)s”, has a mistake itself. Mend that row first"
        ),
        "parent_retired": gettext_noop("The place above, “%(detail)s”, is retired"),
        "kind_below_kind": gettext_noop("A place of this kind cannot lie below “%(detail)s”"),
        "not_a_root": gettext_noop("Only a group or a campus stands at the top. Name the place above"),
        "below_itself": gettext_noop("The places above lead back to this one"),
        "moved": gettext_noop("It lies below “%(detail)s”. Move it on the page of places"),
        "kind_changed": gettext_noop("It is of the kind “%(detail)s”. Change that on the page of places"),
        "bad_gln": gettext_noop("is not a GLN: 13 digits, of which the last one checks the others"),
        "gln_taken": gettext_noop("“%(detail)s” has this GLN already"),
        "virtual": gettext_noop("This place belongs to the system"),
        "not_yours": gettext_noop("You may not edit at this place"),
    }
)

_KINDS = {str(kind): str(kind) for kind in rules.REAL_KINDS} | {
    "集团": "group", "院区": "campus", "楼": "building", "楼宇": "building", "科室": "department", "库房": "store",
    "收货区": "dock", "房间": "room", "柜": "cabinet", "货位": "bin",
}  # fmt: skip
_TEMPERATURES = {each: each for each in CLASSES} | {
    "无要求": "any", "常温": "room", "阴凉": "cool", "冷藏": "refrigerated", "冷冻": "frozen", "深低温": "deep",
}  # fmt: skip

_name = partial(text, most=120)
COLUMNS = (
    Column("code", "库位编码", "Place code", partial(code, most=40), required=True, example="A-03"),
    Column("name_zh", "名称", "Chinese name", _name, required=True, example="A 区 03 柜"),
    Column("name_en", "英文名", "English name", _name, example="Cabinet A-03"),
    Column(
        "kind", "类型", "Kind", partial(choice, known=_KINDS), required=True, example="cabinet",
        choices=tuple(str(kind) for kind in rules.REAL_KINDS),
    ),
    Column("parent", "上级编码", "Parent code", partial(code, most=40), example="A"),
    Column("gln", "GLN", "GLN", partial(code, most=13)),
    Column(
        "temperature_class", "温度", "Temperature", partial(choice, known=_TEMPERATURES), example="room",
        choices=tuple(CLASSES),
    ),
)  # fmt: skip


def _check(rows: Sequence[Row], actor: Editor) -> list[Row]:
    checked = [_alone(row) for row in rows]
    checked = refuse_repeats(checked, lambda row: row.values.get("code"))
    checked = refuse_repeats(checked, lambda row: row.values.get("gln") or None)
    known = _known(checked)
    checked = [_against(row, known, actor) for row in checked]
    return _placed(checked, known, actor)


def _alone(row: Row) -> Row:
    gln = row.values.get("gln")
    return row.wrong(Problem("bad_gln", "gln")) if gln and not rules.gln_ok(gln) else row


def _known(rows: Sequence[Row]) -> dict[str, Place]:
    """The places that the table names, by code, and those that have one of its GLNs. One query each."""
    named = {row.values.get(name) for row in rows for name in ("code", "parent")} - {None, ""}
    return {place.code: place for place in Place.objects.select_related("parent").filter(code__in=named)}


def _against(row: Row, known: Mapping[str, Place], actor: Editor) -> Row:
    """A place that exists may be renamed here, not moved or made another kind: that needs a look at what lies below."""
    place = known.get(row.values.get("code", ""))
    if row.problems or place is None:
        return row
    if place.is_virtual:
        return row.wrong(Problem("virtual", "code"))
    if not actor.may("edit_places", place.path):
        return row.wrong(Problem("not_yours", "code"))
    found = []
    above = place.parent.code if place.parent else ""
    if row.values.get("parent", above) != above:
        found.append(Problem("moved", "parent", above))
    if row.values["kind"] != place.kind:
        found.append(Problem("kind_changed", "kind", place.kind))
    return row.wrong(*found) if found else row


def _placed(rows: list[Row], known: Mapping[str, Place], actor: Editor) -> list[Row]:
    """Follow every row's places above until a known one, or to the top."""
    by_code = {row.values["code"]: row for row in rows if row.values.get("code")}
    taken = dict(Place.objects.exclude(code__in=by_code).exclude(gln="").values_list("gln", "code"))
    checked = []
    for row in rows:
        found: list[Problem] = []
        if not row.problems and row.values["code"] not in known:
            found += _above(row, by_code, known, actor)
        if not row.problems and row.values.get("gln") in taken:
            found.append(Problem("gln_taken", "gln", taken[row.values["gln"]]))
        checked.append(row.wrong(*found) if found else row)
    return _without_orphans(checked)


def _without_orphans(rows: list[Row]) -> list[Row]:
    """A row whose place above turned out wrong cannot stand either, and so on down."""
    while True:
        bad = {row.values.get("code") for row in rows if row.problems} - {None}
        good = {row.values["code"] for row in rows if not row.problems}
        orphans = {
            row.number
            for row in rows
            if not row.problems and row.values.get("parent") in bad and row.values["parent"] not in good
        }
        if not orphans:
            return rows
        rows = [
            row.wrong(Problem("parent_bad", "parent", row.values["parent"])) if row.number in orphans else row
            for row in rows
        ]


def _above(row: Row, by_code: Mapping[str, Row], known: Mapping[str, Place], actor: Editor) -> list[Problem]:
    """What is wrong with where a new place would lie."""
    parent = row.values.get("parent") or ""
    if not parent:
        return _as_root(row, actor)
    if parent not in known and parent not in by_code:
        return [Problem("parent_unknown", "parent", parent)]
    kind = known[parent].kind if parent in known else by_code[parent].values.get("kind")
    if kind is None:
        return [Problem("parent_bad", "parent", parent)]
    if not rules.may_lie_below(row.values["kind"], kind):
        return [Problem("kind_below_kind", "parent", parent)]
    return _up_to_known(row, by_code, known, actor)


def _as_root(row: Row, actor: Editor) -> list[Problem]:
    if not rules.may_lie_below(row.values["kind"], None):
        return [Problem("not_a_root", "parent")]
    return [] if holds_everywhere(actor, "edit_places") else [Problem("not_yours", "parent")]


def _up_to_known(
    row: Row, by_code: Mapping[str, Row], known: Mapping[str, Place], actor: Editor
) -> list[Problem]:
    """Follow the places above through the table until one that exists, or to the top of the table."""
    parent, seen = row.values["parent"], {row.values["code"]}
    while parent and parent not in known:
        if parent in seen:
            return [Problem("below_itself", "parent")]
        seen.add(parent)
        above = by_code.get(parent)
        if above is None or above.problems:
            return [Problem("parent_bad", "parent", parent)]
        parent = above.values.get("parent") or ""
    if not parent:
        return []
    if not known[parent].active:
        return [Problem("parent_retired", "parent", parent)]
    return [] if actor.may("edit_places", known[parent].path) else [Problem("not_yours", "parent")]


def _write(rows: Sequence[Row], actor: Editor) -> None:
    """Known places first, then new ones from the top down: a few statements a level, of which there are eight."""
    lock_tree()
    known = _known(rows)
    _rename([row for row in rows if row.values["code"] in known], known)
    ids = {code_: place.pk for code_, place in known.items()}
    paths = {place.pk: place.path for place in known.values()}
    waiting = [row for row in rows if row.values["code"] not in known]
    while waiting:
        ready = [row for row in waiting if not row.values.get("parent") or row.values["parent"] in ids]
        assert ready, "rows were checked to lead to a known place or to the top"
        made = Place.objects.bulk_create([_place(row, ids) for row in ready], batch_size=2_000)
        for place in made:
            place.path = f"{paths.get(place.parent_id or 0, '/')}{place.pk}/"
            ids[place.code], paths[place.pk] = place.pk, place.path
        Place.objects.bulk_update(made, ["path"], batch_size=2_000)
        waiting = [row for row in waiting if row.values["code"] not in ids]


def _rename(rows: Sequence[Row], known: Mapping[str, Place]) -> None:
    if not rows:
        return
    told = [name for name in ("name_zh", "name_en", "gln", "temperature_class") if name in rows[0].values]
    changed = []
    for row in rows:
        place = known[row.values["code"]]
        for name in told:
            if row.values[name] or name != "temperature_class":
                setattr(place, name, row.values[name])
        changed.append(place)
    Place.objects.bulk_update(changed, told, batch_size=2_000)


def _place(row: Row, ids: Mapping[str, int]) -> Place:
    values = row.values
    return Place(
        parent_id=ids[values["parent"]] if values.get("parent") else None,
        kind=Kind(values["kind"]),
        code=values["code"],
        name_zh=values["name_zh"],
        name_en=values.get("name_en", ""),
        gln=values.get("gln", ""),
        temperature_class=values.get("temperature_class") or "room",
    )


SHEET = Sheet("places", "edit_places", COLUMNS, _check, _write)

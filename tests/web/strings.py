"""Finds every string that is marked for translation, in Python by its syntax tree and in templates by Django's own parser."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src" / "yanji"
MARKS = {"_", "_lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
# What templatize leaves of a translated string: the call and its one or two literals.
IN_TEMPLATE = re.compile(
    r"""\b(?:gettext|ngettext|_)\(\s*(u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))(?:\s*,\s*(u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')))?"""
)


def marked() -> dict[str, set[str]]:
    """Message -> the files (relative to the source) in which it is marked."""
    found: dict[str, set[str]] = {}
    for file in sorted(SOURCE.rglob("*")):
        if file.suffix == ".py" and "migrations" not in file.parts:
            messages = in_python(file.read_text(encoding="utf-8"))
        elif file.suffix in {".html", ".txt"} and "templates" in file.parts:
            messages = in_template(file.read_text(encoding="utf-8"))
        else:
            continue
        for message in messages:
            found.setdefault(message, set()).add(str(file.relative_to(SOURCE)))
    return found


def in_python(source: str) -> Iterator[str]:
    """First argument of each marking call; of ngettext its singular, by which catalogues are keyed."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        argument = node.args[1] if name == "pgettext" and len(node.args) > 1 else node.args[0]
        if name in MARKS and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def in_template(source: str) -> Iterator[str]:
    for found in IN_TEMPLATE.finditer(templatize(source)):
        yield ast.literal_eval(found.group(1))

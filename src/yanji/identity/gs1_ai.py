"""Each Application Identifier compiled from its row of facts: how to cut its value and how to judge it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from yanji.identity.checks import gs1_mod10_ok
from yanji.identity.gs1_ai_rows import AI_ROWS
from yanji.identity.lint import LINTERS, Linter

_COMPONENT = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?((?::\w+)*)")
_CHARACTERS = {"N": "csetnumeric", "X": "cset82", "Y": "cset39", "Z": "cset64"}

CSET82 = re.compile(r"[!\"%-?A-Z_a-z]+")


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a value: `least` to `most` characters, then the linters in order."""

    least: int
    most: int
    optional: bool
    linters: tuple[Linter, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """One AI. `needs` holds alternatives, each a tuple of AI patterns that must all be present."""

    ai: str
    title: str
    predefined: bool
    attribute: bool
    shortest: int
    longest: int
    components: tuple[Component, ...]
    needs: tuple[tuple[str, ...], ...]
    excludes: tuple[str, ...]
    qualifiers: tuple[tuple[str, ...], ...] | None
    judge: Callable[[str], str | None]


def matches(pattern: str, ai: str) -> bool:
    """True when an AI fits a pattern such as `31nn`."""
    return len(pattern) == len(ai) and all(p in ("n", c) for p, c in zip(pattern, ai, strict=True))


def _components(specification: str) -> tuple[Component, ...]:
    found = []
    for bracket, kind, dots, length, checks in _COMPONENT.findall(specification):
        names = [_CHARACTERS[kind], *checks.split(":")[1:]]
        least = 1 if dots else int(length)
        found.append(
            Component(
                least,
                int(length),
                bool(bracket),
                tuple(LINTERS[name] for name in names),
            )
        )
    return tuple(found)


def _judge_parts(components: tuple[Component, ...]) -> Callable[[str], str | None]:
    """A function that gives the code of what is wrong with a value, or None."""

    def judge(value: str) -> str | None:
        at, first = 0, None
        for component in components:
            part = value[at : at + component.most]
            if not part and component.optional:
                break
            if len(part) < component.least:
                return "bad_length"
            at += len(part)
            for linter in component.linters:
                problem = linter(part)
                if problem:
                    first = first or problem
                    break
        return "bad_length" if at < len(value) else first

    return judge


def _judge_gtin(value: str) -> str | None:
    # The commonest element, written out: the general judge would call four functions.
    if len(value) != 14:
        return "bad_length"
    if not (value.isascii() and value.isdigit()):
        return "bad_characters"
    if not gs1_mod10_ok(value):
        return "bad_check_digit"
    return None


def _judge_text(longest: int) -> Callable[[str], str | None]:
    fits = CSET82.fullmatch

    def judge(value: str) -> str | None:
        if not 0 < len(value) <= longest:
            return "bad_length"
        return None if fits(value) else "bad_characters"

    return judge


def _judge(ai: str, specification: str, components: tuple[Component, ...]) -> Callable[[str], str | None]:
    if ai == "01":
        return _judge_gtin
    if re.fullmatch(r"X\.\.\d+", specification):
        return _judge_text(components[0].most)
    return _judge_parts(components)


def _rule(rules: str, name: str) -> str | None:
    for rule in rules.split():
        key, _, value = rule.partition("=")
        if key == name:
            return value
    return None


def _numbers(ais: str) -> list[str]:
    first, _, last = ais.partition("-")
    return [str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1)]


def _applications(row: str) -> list[Application]:
    ais, flags, specification, rules, title = (cell.strip() for cell in row.split("|"))
    components = _components(specification)
    needs, excludes, key = _rule(rules, "req"), _rule(rules, "ex"), _rule(rules, "key")
    qualifiers = None if key is None else tuple(tuple(filter(None, q.split(","))) for q in key.split("/"))
    return [
        Application(
            ai=ai,
            title=title,
            predefined="f" in flags,
            attribute="a" in flags,
            shortest=sum(c.least for c in components if not c.optional),
            longest=sum(c.most for c in components),
            components=components,
            needs=tuple(tuple(n.split("+")) for n in needs.split(",")) if needs else (),
            excludes=tuple(excludes.split(",")) if excludes else (),
            qualifiers=qualifiers,
            judge=_judge(ai, specification, components),
        )
        for ai in _numbers(ais)
    ]


APPLICATIONS: dict[str, Application] = {
    application.ai: application
    for application in chain.from_iterable(_applications(row) for row in AI_ROWS.splitlines())
}

# The first two digits settle how long an AI is (GS1 General Specifications, figure 7.8.1-2).
AI_LENGTH: dict[str, int] = {ai[:2]: len(ai) for ai in APPLICATIONS}

KEYS: frozenset[str] = frozenset(ai for ai, a in APPLICATIONS.items() if a.qualifiers is not None) | {
    "02",
    "03",
}

"""Everything that can be said about the source without running it; all findings, not only the first."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from install import ROOT, node_environment, npm

BIN = Path(sys.executable).parent
CODE = ["src", "tests", "tools", "bench"]
LONGEST_MODULE = {"src": 400, "tests": 500}
SCRIPTS = "yanji/*/static/yanji/**/*.js"  # what people wrote; what others wrote lies in static/vendor
LONGEST_FUNCTION = 60
LONGEST_TEMPLATE_LINE = 300
DECISIONS = ROOT / "docs" / "decisions"


def main() -> int:
    bad = [name for name, passed in checks() if not passed]
    print(f"check: {', '.join(bad)} failed" if bad else "check: all good", flush=True)
    return 1 if bad else 0


def checks() -> Iterator[tuple[str, bool]]:
    yield "format", runs("ruff", "format", "--quiet", "--check", *CODE)
    yield "lint", runs("ruff", "check", "--quiet", "--output-format=concise", *CODE)
    yield "types", runs("mypy", "--no-error-summary")
    yield "imports", runs("lint-imports", "--no-logo", quiet=True)
    yield "migrations", runs("yanji", "manage", "makemigrations", "--check", "--dry-run")
    yield "scripts", scripts_are_typed()
    yield "locks", locks_have_no_addresses()
    yield "module sizes", modules_are_small()
    yield "function sizes", functions_fit_a_screen()
    yield "template lines", templates_can_be_read()
    yield "catalogues", catalogues_can_be_read()
    yield "documents", documents_lead_on()


def runs(program: str, *arguments: str, quiet: bool = False) -> bool:
    """Run one tool; a quiet one only speaks when it finds something."""
    done = subprocess.run(
        [str(BIN / program), *arguments], cwd=ROOT, check=False, text=True, capture_output=quiet
    )
    if quiet and done.returncode:
        print(done.stdout, done.stderr)
    return done.returncode == 0


def scripts_are_typed() -> bool:
    if not any((ROOT / "src").rglob("static/**/*.js")):
        return True
    command = [*npm(), "run", "--silent", "check"]
    return subprocess.run(command, cwd=ROOT, check=False, env=node_environment()).returncode == 0


def catalogues_can_be_read() -> bool:
    """Two that were merged line by line may have a translation twice: then nothing starts."""
    unreadable = []
    for path in sorted((ROOT / "src").rglob("*.po")):
        try:
            polib.pofile(str(path), check_for_duplicates=True)
        except (OSError, ValueError) as trouble:
            unreadable.append(f"{path.relative_to(ROOT)}: {trouble}")
    print("\n".join(unreadable), end="\n" if unreadable else "")
    return not unreadable


def locks_have_no_addresses() -> bool:
    """A lock file names packages and hashes; where they come from is each site's own setting."""
    npm_lock = json.loads((ROOT / "package-lock.json").read_text())
    found = [name for name, package in npm_lock["packages"].items() if "resolved" in package]
    for lock in (ROOT / "requirements").glob("*.txt"):
        found += [f"{lock.name}: {line}" for line in lock.read_text().splitlines() if "://" in line]
    for trouble in found:
        print(f"address in a lock file: {trouble}")
    return not found


def modules_are_small() -> bool:
    """No module or script beyond the house's length; tables of data are exempt by saying so in their first ten lines."""
    long = []
    for folder, most in LONGEST_MODULE.items():
        for path in [*modules(folder), *sorted((ROOT / folder).glob(SCRIPTS))]:
            lines = path.read_text(encoding="utf-8").splitlines()
            if len(lines) > most and "# data" not in "\n".join(lines[:10]):
                long.append(f"{path.relative_to(ROOT)}: {len(lines)} lines, more than {most}")
    print("\n".join(long), end="\n" if long else "")
    return not long


def functions_fit_a_screen() -> bool:
    """Tests and tools are read as often as what they are for: one length for all of them."""
    long = [
        f"{path.relative_to(ROOT)}:{found.lineno}: {found.name} has {length} lines, more than {LONGEST_FUNCTION}"
        for folder in CODE
        for path in modules(folder)
        for found in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (found.end_lineno or found.lineno) - found.lineno + 1) > LONGEST_FUNCTION
    ]
    print("\n".join(long), end="\n" if long else "")
    return not long


def templates_can_be_read() -> bool:
    """No line that nobody reads to its end: a break between attributes, or beside a block, is not rendered."""
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters, more than {LONGEST_TEMPLATE_LINE}"
        for path in sorted((ROOT / "src").rglob("templates/**/*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_TEMPLATE_LINE
    ]
    print("\n".join(long), end="\n" if long else "")
    return not long


def documents_lead_on() -> bool:
    """Every link between documents leads to a file that is there, and the index knows every decision."""
    dead = [
        f"{path.relative_to(ROOT)}: {link} is not there"
        for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / link).exists()
    ]
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    dead += [f"{path.name} is not in the index" for path in DECISIONS.glob("0*.md") if path.name not in index]
    print("\n".join(dead), end="\n" if dead else "")
    return not dead


def modules(folder: str) -> Iterator[Path]:
    """What people wrote; migrations are written by a program."""
    return (path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)


if __name__ == "__main__":
    sys.exit(main())

"""Everything that can be said about the source without running it; all findings, not only the first."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from install import ROOT, node_environment, npm

BIN = Path(sys.executable).parent
CODE = ["src", "tests", "tools", "bench"]
LONGEST_MODULE = {"src": 400, "tests": 500}
LONGEST_FUNCTION = 60


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
    """No module beyond the house's length; tables of data are exempt by saying so in their first ten lines."""
    long = []
    for folder, most in LONGEST_MODULE.items():
        for path in modules(folder):
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


def modules(folder: str) -> Iterator[Path]:
    """What people wrote; migrations are written by a program."""
    return (path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)


if __name__ == "__main__":
    sys.exit(main())

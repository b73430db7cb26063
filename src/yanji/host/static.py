"""Makes the files that browsers fetch: npm assets, compiled translations, the hashed collection."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from yanji.host import print_font
from yanji.host.home import PRINT_FONT, ROOT, HostError, home_folder

MANIFEST = Path(__file__).with_name("assets.json")
BUILT = ROOT / "build" / "static"
MODULES = ROOT / "node_modules"


def build_assets() -> None:
    """Copy what the manifest names from node_modules to build/static/vendor; bundle the parts of a library that we use."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    bundles = {name: MANIFEST.with_name(parts) for name, parts in manifest["bundles"].items()}
    stamp = _fingerprint([MANIFEST, ROOT / "package-lock.json", *bundles.values()])
    if _is_stamped(BUILT / ".stamp", stamp):
        return
    partial = BUILT.with_name(f"static.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    for target, source in manifest["files"].items():
        _copy(MODULES / source, partial / "vendor" / target)
    for target, parts in bundles.items():
        _bundle(parts, partial / "vendor" / target)
    (partial / ".stamp").write_text(stamp)
    shutil.rmtree(BUILT, ignore_errors=True)
    partial.rename(BUILT)


def build_print_font() -> None:
    """Join the pages' font into the one file that PDFs embed; once for each version of it."""
    pieces = sorted((MODULES / "@fontsource-variable" / "noto-sans-sc" / "files").glob("*.woff2"))
    if not pieces:
        raise HostError("The pages' font is missing. Delete node_modules and run make again.")
    note, stamp = PRINT_FONT.with_suffix(".stamp"), _fingerprint([*pieces, Path(print_font.__file__)])
    if PRINT_FONT.exists() and _is_stamped(note, stamp):
        return
    print("Preparing the font of printed papers ...", flush=True)
    print_font.join_font(pieces, PRINT_FONT)
    note.write_text(stamp)


def require_assets() -> None:
    """Every page needs them: make them where they are missing. Raises HostError where npm's packages are, too."""
    if (BUILT / ".stamp").exists():
        return
    if not MODULES.exists():
        raise HostError(
            "The files that browsers need are not installed. Run `make up` once, which installs them."
        )
    build_assets()


def compile_translations() -> None:
    """Compile each .po file whose .mo is missing or older; needs no gettext tools."""
    import polib

    for po in _translations():
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        # Renamed into place: a server that is starting must not read half a file.
        partial = mo.with_suffix(f".mo.{os.getpid()}")
        polib.pofile(str(po)).save_as_mofile(str(partial))
        partial.rename(mo)


def collect() -> None:
    """Collect static files under content-hashed names, unless nothing changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    files = [Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])]
    stamp = _fingerprint(files, by_time=True)
    note = home_folder() / "static.stamp"
    # Two commands that start together would clear away what the other has just collected.
    with (home_folder() / "static.lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if _is_stamped(note, stamp):
            return
        print("Collecting static files ...", flush=True)
        note.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        note.write_text(stamp)


def _bundle(parts: Path, target: Path) -> None:
    # npm installs the program of this machine's kind alone.
    program = next((MODULES / "@esbuild").glob("*/bin/esbuild"), MODULES / "@esbuild")
    if not program.is_file():
        raise HostError(f"{program.relative_to(ROOT)} is missing. Delete node_modules and run make again.")
    options = "--bundle --minify --format=esm --legal-comments=eof --log-level=error".split()
    command = [str(program), str(parts), *options, f"--outfile={target}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HostError(f"{parts.name} could not be bundled: {done.stderr.strip()}")


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise HostError(f"{source.relative_to(ROOT)} is missing. Delete node_modules and run make again.")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.suffix in {".css", ".js"}:
        # Source maps stay behind, so nothing may point at them.
        text = source.read_text(encoding="utf-8")
        target.write_text(re.sub(r"(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$", "", text), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def _translations() -> Iterator[Path]:
    for folder in (ROOT / "locale", ROOT / "src" / "yanji"):
        yield from folder.rglob("LC_MESSAGES/*.po")


def _fingerprint(files: Iterable[Path], *, by_time: bool = False) -> str:
    """Digest of the files' contents, or of their names, sizes and times, which is quicker for many."""
    digest = hashlib.sha256()
    for path in sorted(files):
        found = path.stat()
        seen = f"{found.st_size} {found.st_mtime_ns}".encode() if by_time else path.read_bytes()
        digest.update(os.fsencode(path) + b"\0" + seen + b"\0")
    return digest.hexdigest()


def _is_stamped(note: Path, stamp: str) -> bool:
    return note.exists() and note.read_text() == stamp


if __name__ == "__main__":
    try:
        build_assets()
        build_print_font()
    except HostError as error:
        sys.exit(f"yanji: {error}")

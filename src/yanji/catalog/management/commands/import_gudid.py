"""`yanji import gudid FILE`: devices of the FDA's registry into the catalogue."""

import argparse
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import translation

from yanji.catalog.imports.registry import Counts, import_gudid
from yanji.sheets.problems import BadFile, Problem


class Console:
    """Whoever may run commands on this machine may edit its catalogue."""

    person_id = 0

    def may(self, operation: str, path: str | None = None) -> bool:
        return operation == "edit_catalog"


class Command(BaseCommand):
    help = "Load device records (openFDA's device/udi, one JSON object a line) into the catalogue."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a .jsonl or .jsonl.gz file")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        begun = monotonic()
        try:
            counts = import_gudid(file, actor=Console(), progress=self._progress)
        except BadFile as bad:
            with translation.override("en"):
                raise CommandError(f"{file}: {bad.problem.sentence()}") from bad
        self.stdout.write(
            f"{counts.read:,} devices read, {counts.imported:,} in the catalogue with {counts.codes:,} codes, "
            f"{sum(counts.quarantined.values()):,} reasons to look again, {monotonic() - begun:.1f} s"
        )
        with translation.override("en"):
            for code, number in counts.quarantined.most_common():
                self.stdout.write(f"{number:8,}  {code}: {Problem(code, detail='…').sentence()}")
        if not counts.imported:
            raise CommandError(f"{file}: no line of it describes a device that could be taken in.")

    def _progress(self, counts: Counts) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{counts.read:,} devices", ending="")

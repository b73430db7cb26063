"""What the commands that import a table share: show every bad row, and import only when told to."""

import argparse
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.utils import timezone, translation

from yanji.access.actor import Actor, actor_for
from yanji.access.models import Person
from yanji.catalog.actions import quarantine
from yanji.sheets import batches
from yanji.sheets.models import ImportBatch
from yanji.sheets.problems import BadFile


class ImportTable(BaseCommand):
    """Shows what would be imported; with ``--yes`` imports it. Acts as the person who is named."""

    sheet: batches.Sheet

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a .csv or .xlsx file; titles in Chinese or English")
        parser.add_argument("--as", dest="username", required=True, help="the user name of who imports")
        parser.add_argument("--yes", action="store_true", help="import the good rows")

    def handle(self, *args: Any, file: Path, username: str, yes: bool, **options: Any) -> None:
        actor = self._actor(username)
        with translation.override("en"):
            try:
                batch = batches.preview(self.sheet, actor=actor, file_name=file.name, data=file.read_bytes())
                self._show(batch)
                if yes:
                    batches.confirm(self.sheet, actor=actor, batch_id=batch.pk, keep_bad=quarantine)
                    self.stdout.write(f"{len(batch.good):,} rows imported.")
                else:
                    self.stdout.write("Nothing is imported yet: run again with --yes.")
            except BadFile as bad:
                raise CommandError(f"{file}: {bad.problem.sentence()}") from bad
            except OSError as error:
                raise CommandError(f"{file}: {error.strerror}") from error
            except ValidationError as refusal:
                raise CommandError(" ".join(refusal.messages)) from refusal

    def _actor(self, username: str) -> Actor:
        person = Person.objects.filter(username=username, is_active=True).first()
        actor = actor_for(person, today=timezone.localdate()) if person else None
        if actor is None or not actor.may(self.sheet.operation):
            raise CommandError(f"“{username}” is nobody who may import this. Name somebody with --as.")
        return actor

    def _show(self, batch: ImportBatch) -> None:
        self.stdout.write(f"{len(batch.good):,} good rows, {len(batch.bad):,} bad rows")
        for row in batch.bad:
            for problem in batches.reasons(row["problems"]):
                self.stdout.write(f"row {row['number']}: {problem.column} {problem.sentence()}")

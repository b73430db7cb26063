"""`yanji import items|suppliers|places|people FILE`: shows first, imports when told to."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.makers import place
from tests.masterdata.conftest import holder
from yanji.catalog.models import Item
from yanji.places.models import Kind

pytestmark = pytest.mark.django_db


def test_a_table_is_shown_then_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    who = holder("administrator", place(Kind.CAMPUS)).username
    table = tmp_path / "items.csv"
    table.write_text("品种编码,品名\nA,甲\n,乙\n", encoding="utf-8")
    call_command("import_items", str(table), username=who)
    shown = capsys.readouterr().out
    assert "1 good rows, 1 bad rows" in shown
    assert "row 3: code must not be empty" in shown
    assert not Item.objects.exists()
    call_command("import_items", str(table), username=who, yes=True)
    assert Item.objects.get().code == "A"


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    who = holder("nurse", place(Kind.CAMPUS)).username
    with pytest.raises(CommandError, match="nobody who may import"):
        call_command("import_people", str(tmp_path / "x.csv"), username=who)
    admin = holder("administrator", place(Kind.CAMPUS)).username
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_places", str(tmp_path / "x.csv"), username=admin)
    (tmp_path / "x.csv").write_bytes(b"")
    with pytest.raises(CommandError, match="empty"):
        call_command("import_suppliers", str(tmp_path / "x.csv"), username=admin)

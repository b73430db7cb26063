"""What `yanji up` prints for whoever starts the demo hospital."""

from pathlib import Path

from rich.cells import cell_len

from yanji.demo import ACCOUNTS
from yanji.host.database import DEMO_LOADED, note
from yanji.host.first_run import accounts


def test_the_accounts_stand_in_columns_under_a_heading(tmp_path: Path) -> None:
    assert list(accounts(tmp_path)) == [], "nobody can sign in where the demo hospital is not served"
    note(tmp_path, DEMO_LOADED).touch()
    _title, head, *rows = accounts(tmp_path)
    assert len(rows) == len(ACCOUNTS)
    for column, name in ((1, "用户名"), (2, "密码")):
        begins = cell_len(head[: head.index(name)])
        for row, account in zip(rows, ACCOUNTS, strict=True):
            cell = account[column - 1]
            assert begins == cell_len(row[: row.rindex(cell)]), row
    assert rows[0].split() == ["库管员", "Storekeeper", *ACCOUNTS[0][:2]]

"""The `yanji` command answers in sentences, and loads only what was asked for."""

import subprocess
import sys

import pytest

from yanji.cli import COMMANDS, main


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    said = capsys.readouterr().out
    assert left.value.code == 0
    assert all(f"    {name} " in said for name in COMMANDS)


@pytest.mark.parametrize("name", [*COMMANDS])
def test_each_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"usage: yanji {name}" in capsys.readouterr().out


@pytest.mark.parametrize("given", [["dance"], ["up", "--loud"], ["demo", "--seed", "many"], ["--"]])
def test_what_is_not_understood_is_said(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(given)
    assert left.value.code == 2
    assert "usage: yanji" in capsys.readouterr().err


def test_nothing_given_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "examples:" in capsys.readouterr().out


def test_identify_starts_without_django_and_without_a_database() -> None:
    code = (
        "import sys, io; from yanji.cli import main; sys.stdin = io.TextIOWrapper(io.BytesIO(b'')); "
        "main(['identify']); "
        "print([name for name in ('django', 'psycopg', 'granian', 'yanji.host.cluster') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    pipe = f"{sys.executable} -m yanji --help | head -1"
    done = subprocess.run(pipe, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""

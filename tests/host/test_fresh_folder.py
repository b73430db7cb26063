"""Each command works as the first one ever given in a folder, and what makes no sense is refused before slow work."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.host.conftest import Up, environment_for, run_yanji
from yanji.host import given, static
from yanji.host.cluster import cluster_at
from yanji.host.home import HostError
from yanji.host.up import _alive

DEVICE = (
    '{"ids": [{"agency": "GS1", "di": "06901234500011", "type": "Primary"}],'
    ' "companyName": "Yanshan Devices", "brandName": "Goose"}\n'
)


@pytest.mark.slow
def test_a_registry_file_may_be_the_first_thing(home: Path) -> None:
    good, bad = home / "devices.jsonl", home / "bad.jsonl"
    good.write_text(DEVICE)
    bad.write_text("not a device\n")
    done = run_yanji(home, "import", "gudid", str(good))
    assert done.returncode == 0, done.stderr
    assert "1 devices read, 1 in the catalogue" in done.stdout

    done = run_yanji(home, "import", "gudid", str(home / "absent.jsonl"))
    assert done.returncode == 1
    assert "There is no file" in done.stderr

    done = run_yanji(home, "import", "gudid", str(bad))
    assert done.returncode == 1
    assert "no line of it describes a device" in done.stderr


@pytest.mark.slow
def test_an_empty_hospital_says_how_to_enter_it_and_lets_the_first_in(up: Up) -> None:
    up.environment["HOST"] = "localhost"  # a name, where the server wants an address
    up.start().ready()
    up.wait_for(lambda: "yanji administrator NAME" in up.output)
    done = run_yanji(up.home, "administrator", "founder", "--name", "创建人")
    assert done.returncode == 0, done.stderr
    assert re.search(r"only this once: \S{12,}", done.stdout)

    again = run_yanji(up.home, "administrator", "another")
    assert again.returncode == 1
    assert "Ask an administrator to add people." in again.stderr

    demo = run_yanji(up.home, "demo")
    assert demo.returncode == 1
    assert "already holds a hospital" in demo.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YANJI_WORKERS", "abc"),
        ("YANJI_WORKERS", "0"),
        ("YANJI_TIME_ZONE", "Mars/Olympus"),
        ("YANJI_TIME_ZONE", "../etc"),
        ("YANJI_GS1_PREFIX", "12"),
        ("HOST", "no-such-host.invalid"),
        ("YANJI_HTTPS", "maybe"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_before_the_slow_work(
    home: Path, free_port: int, name: str, value: str
) -> None:
    done = run_yanji(home, "up", PORT=str(free_port), **{name: value})
    assert done.returncode == 1
    assert f"{name} is “{value}”" in done.stderr
    assert "Traceback" not in done.stderr
    assert cluster_at(home).pid() is None


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("YANJI_HTTPS", "maybe", lambda: given.switched_on("YANJI_HTTPS")),
        ("YANJI_DEBUG", "perhaps", lambda: given.switched_on("YANJI_DEBUG")),
        ("YANJI_ORIGINS", "foo", given.origins),
        ("YANJI_ORIGINS", "https://yanji.example.org/page", given.origins),
        ("YANJI_HOSTS", "https://yanji.example.org", given.host_names),
        ("YANJI_HOSTS", "yanji.example.org:8000", given.host_names),
    ],
)
def test_a_switch_or_a_name_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, read: Callable[[], object]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(HostError, match=f"{name} (is|names) “{re.escape(value)}”"):
        read()


def test_switches_and_names_are_taken_as_they_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    for word, meant in (("on", True), ("TRUE", True), ("0", False), ("no", False), ("", False)):
        monkeypatch.setenv("YANJI_HTTPS", word)
        assert given.switched_on("YANJI_HTTPS") is meant
    monkeypatch.setenv("YANJI_ORIGINS", "https://yanji.example.org, http://[::1]:8000 https://*.example.org")
    assert given.origins() == [
        "https://yanji.example.org",
        "http://[::1]:8000",
        "https://*.example.org",
    ]
    monkeypatch.setenv("YANJI_HOSTS", "yanji.example.org,.example.org 192.0.2.7 [2001:db8::7]")
    assert len(given.host_names()) == 4


def test_settings_left_out_have_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YANJI_WORKERS", "YANJI_TIME_ZONE", "YANJI_GS1_PREFIX", "YANJI_ORIGINS", "YANJI_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    assert given.origins() == given.host_names() == []
    assert 1 <= given.workers() <= 4
    assert given.time_zone() == "Asia/Shanghai"
    assert given.gs1_prefix() == ""
    assert given.address("localhost") == "127.0.0.1"
    assert given.address("::1") == "::1"


def test_a_company_prefix_is_taken_from_the_environment(home: Path) -> None:
    code = "from django.conf import settings; print(settings.YANJI_GS1_PREFIX)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment_for(home)
        | {"YANJI_GS1_PREFIX": "6901234", "DJANGO_SETTINGS_MODULE": "yanji.host.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "6901234"


def test_nothing_is_served_without_the_files_that_browsers_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "BUILT", tmp_path / "static")
    monkeypatch.setattr(static, "MODULES", tmp_path / "node_modules")
    with pytest.raises(HostError, match="Run `make up` once"):
        static.require_assets()


def test_a_process_that_nobody_buried_is_not_alive() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    zombie = psutil.Process(ended.pid)
    while zombie.status() != psutil.STATUS_ZOMBIE:
        pass
    assert not _alive(ended.pid)
    ended.wait()
    assert not _alive(ended.pid)
    assert _alive(psutil.Process().pid)

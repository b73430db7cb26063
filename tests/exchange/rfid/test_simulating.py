"""`yanji simulate rfid` plays a door over LLRP, over TLS where a certificate is given; what it cannot play is said at once."""

import argparse
import asyncio
import io
import socket
import ssl
from pathlib import Path

import pytest

from tests.exchange.rfid.certificates import authority
from tests.exchange.rfid.loop import ran
from tests.exchange.rfid.test_client import Heard
from yanji.exchange.rfid.llrp.client import Listening, Setup, listen
from yanji.host import simulating
from yanji.host.given import readers_authorities
from yanji.host.home import HostError

TAG = "E28011606000020000000001"


def asked(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    simulating.add_arguments(parser)
    return parser.parse_args(["rfid", *given])


def test_a_door_is_opened_and_closed_over_tls_with_what_lies_inside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = authority(tmp_path / "own")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    args = asked(
        "--door", "2", "--port", str(port), "--seconds", "0.1", "--pause", "0", "--certificate",
        str(own.signed("127.0.0.1")),
    )  # fmt: skip
    heard = Heard()

    async def both() -> None:
        trusted = ssl.create_default_context(cafile=own.file)
        setup = Setup("127.0.0.1", port, keepalive=0.2, tls=trusted, door=2)
        playing = asyncio.create_task(simulating._over_llrp(args, [TAG]))
        listening = asyncio.create_task(listen(setup, Listening(heard.keep, heard.tell, heard.lost)))
        await playing
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    ran(both())
    told = [
        (each.kind, each.number) for each in heard.told if each.kind.startswith("input") and not each.found
    ]
    assert told == [("input_high", 2), ("input_low", 2)]
    assert TAG in heard.epcs
    assert "the contact of its door at input 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--door", "9"], "has the inputs 1, 2, 3, 4"),
        (["--badge", "1"], "the lock tells badges"),
        (["--certificate", "nowhere.pem"], "holds no certificate with its key"),
    ],
)
def test_what_cannot_be_played_is_said(given: list[str], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(TAG))
    with pytest.raises(HostError, match=why):
        simulating.run(asked(*given))


def test_authorities_that_cannot_be_read_are_said_before_anybody_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YANJI_RFID_CA", raising=False)
    assert readers_authorities() == ""
    own = authority(tmp_path / "own")
    monkeypatch.setenv("YANJI_RFID_CA", str(own.file))
    assert readers_authorities() == str(own.file)
    own.file.write_text("no certificate")
    with pytest.raises(HostError, match="which holds no certificates"):
        readers_authorities()

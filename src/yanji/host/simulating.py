"""`yanji simulate rfid`: a reader that is a program, for who sets up gates and cabinets before the hardware hangs."""

import argparse
import asyncio
import ssl
import sys
import time
from collections.abc import Sequence
from itertools import count
from urllib.parse import urlsplit

from yanji.exchange.rfid.llrp.client import PORT
from yanji.exchange.rfid.llrp.simulated import SimulatedReader
from yanji.exchange.rfid.mqtt import PORT as MQTT_PORT
from yanji.exchange.rfid.mqtt import PORT_OVER_TLS
from yanji.exchange.rfid.scenario import INSIDE, OUTSIDE, Publisher, carry, visit
from yanji.host.home import HostError
from yanji.identity import read_tag
from yanji.identity.model import Unreadable

EXAMPLES = """examples:
  yanji simulate rfid < tags.txt                    a gate that speaks LLRP on port 5084; its antenna 1 hangs outside, 2 inside
  yanji simulate rfid --way out --port 5085 < tags.txt
  yanji simulate rfid --port 5085 --certificate reader.pem < tags.txt      over TLS; the file holds the certificate and its key
  yanji simulate rfid --door 1 < inside.txt         a cabinet that speaks LLRP, the contact of its door wired to input 1
  yanji simulate rfid --mqtt mqtt://127.0.0.1 --topic rfid/main/dock < tags.txt
  yanji simulate rfid --mqtt mqtt://127.0.0.1 --topic rfid/icu/cabinet --badge 0004711001 < inside.txt

A line of the input is the memory of one tag in hexadecimal."""
LONGEST_WAIT = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    parser.add_argument("device", choices=["rfid"], help="what to play")
    parser.add_argument("--host", default="127.0.0.1", help="address on which the reader waits (127.0.0.1)")
    parser.add_argument("--port", type=int, default=PORT, help=f"port on which it waits ({PORT})")
    parser.add_argument("--way", choices=["in", "out", "past"], default="in", help="which way tags go (in)")
    parser.add_argument("--seconds", type=float, default=1.6, help="how long they take (1.6)")
    parser.add_argument("--times", type=int, default=1, help="how often they go; 0: until Ctrl-C (1)")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two times (5)")
    parser.add_argument(
        "--wait", type=float, default=60.0, help="seconds to wait until somebody listens (60)"
    )
    parser.add_argument(
        "--door",
        type=int,
        metavar="INPUT",
        help="play a cabinet: the contact of its door is wired to this input, high when open",
    )
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        help="speak LLRP over TLS with certificate and key of this file (PEM)",
    )
    parser.add_argument(
        "--ca", metavar="FILE", help="authorities of an mqtts:// broker (PEM; those of this machine)"
    )
    parser.add_argument("--mqtt", help="speak over MQTT to this broker instead")
    parser.add_argument("--topic", help="the topic of the reader, with --mqtt")
    parser.add_argument(
        "--badge", help="play a cabinet whose door this badge opens; the tags are what lies in it then"
    )


def run(args: argparse.Namespace) -> int:
    """Play until it is done or Ctrl-C. Raises HostError for input that is no tag."""
    if bool(args.mqtt) != bool(args.topic) or (args.badge and not args.mqtt):
        raise HostError(
            "--mqtt needs --topic and the other way round; --badge needs both: over LLRP, the lock tells badges to the API."
        )
    if args.door is not None and not args.mqtt and args.door not in SimulatedReader().inputs:
        raise HostError(
            f"The simulated reader has the inputs {', '.join(map(str, SimulatedReader().inputs))}."
        )
    tags = _tags(sys.stdin.read().split())
    try:
        asyncio.run(_over_mqtt(args, tags) if args.mqtt else _over_llrp(args, tags))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        raise HostError(f"The simulated reader cannot work: {error}.") from error
    return 0


def _tags(lines: Sequence[str]) -> list[str]:
    for line in lines:
        reading = read_tag(line)
        if len(line) % 4 or not all(sign in "0123456789abcdefABCDEF" for sign in line):
            raise HostError(f"“{line}” is not the memory of a tag: hexadecimal, in words of four digits.")
        if isinstance(reading, Unreadable):
            print(f"{line} is of no standard: whoever reads it will not know it.", file=sys.stderr)
    return [line.upper() for line in lines]


def _times(args: argparse.Namespace) -> "range | count[int]":
    return range(args.times) if args.times else count()


async def _over_llrp(args: argparse.Namespace, tags: Sequence[str]) -> None:
    reader = SimulatedReader()
    server = await reader.serve(args.host, args.port, _certificate(args.certificate))
    port = server.sockets[0].getsockname()[1]
    what = f"A cabinet listens on {args.host}:{port}, the contact of its door at input {args.door}."
    gate = f"A gate listens on {args.host}:{port}, antenna {OUTSIDE} outside and {INSIDE} inside."
    print(what if args.door else gate, flush=True)
    async with server:
        deadline = time.monotonic() + min(args.wait, LONGEST_WAIT)
        while not reader.reading:
            if time.monotonic() > deadline:
                raise HostError(
                    "Nobody has listened. Enter the reader under “RFID readers” with this address."
                )
            await asyncio.sleep(0.1)
        for _ in _times(args):
            if args.door:
                await visit(reader, tags, door=args.door, seconds=args.seconds)
                print(f"The door was opened and closed, with {len(tags)} tags inside.", flush=True)
            else:
                await carry(reader, tags, args.way, seconds=args.seconds)
                print(f"{len(tags)} tags went {args.way}.", flush=True)
            await asyncio.sleep(args.pause)


def _certificate(file: str | None) -> ssl.SSLContext | None:
    if not file:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(file)
    except OSError as error:
        raise HostError(f"“{file}” holds no certificate with its key: {error}.") from error
    return context


async def _over_mqtt(args: argparse.Namespace, tags: Sequence[str]) -> None:
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    given = urlsplit(args.mqtt)
    client = paho.Client(CallbackAPIVersion.VERSION2)
    if given.username:
        client.username_pw_set(given.username, given.password)
    over_tls = given.scheme == "mqtts"
    if over_tls:
        client.tls_set(ca_certs=args.ca)
    client.connect(given.hostname or "localhost", given.port or (PORT_OVER_TLS if over_tls else MQTT_PORT))
    client.loop_start()

    async def publish(payload: bytes) -> None:
        said = client.publish(args.topic, payload, qos=1)
        await asyncio.to_thread(said.wait_for_publish, 30)

    # Numbers rise from one run to the next, as those of a reader do that counts on after a power cut.
    publisher = Publisher(publish, count(int(time.time() * 1000)))
    try:
        for _ in _times(args):
            if args.badge or args.door:
                await publisher.visit(tags, badge=args.badge or "", seconds=args.seconds)
                print(f"The door was opened and closed, with {len(tags)} tags inside.", flush=True)
            else:
                await publisher.carry(tags, args.way, seconds=args.seconds)
                print(f"{len(tags)} tags went {args.way}.", flush=True)
            await asyncio.sleep(args.pause if args.times != 1 else 0)
    finally:
        client.disconnect()
        client.loop_stop()

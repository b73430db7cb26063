"""A mail server and a web server that take what goes out, and somebody who is told."""

from datetime import datetime, time
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler
from typing import Any
from zoneinfo import ZoneInfo

from tests.flows.site import Site, person
from tests.makers import everything, unique
from yanji.flows.hold import hold
from yanji.notify import hooks
from yanji.notify.models import Hook, Wish
from yanji.notify.wishes import keep_wish

HELD = ("on_hold",)
ADDRESS = "keeper@example.org"


class Mails:
    """Takes what is handed in, or refuses it."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.refusing = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refusing:
            return "451 later, please"
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 taken"


class Calls(BaseHTTPRequestHandler):
    server: Any  # knows what it `got` and what it `answers`

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), content))
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


def wishes(here: Site, quiet_from: time | None = None, quiet_to: time | None = None) -> None:
    keep_wish(actor=here.keeper, email=ADDRESS, quiet_from=quiet_from, quiet_to=quiet_to)
    Wish.objects.update(since=local(0))  # some of these stories are of another day


def local(hour: int, day: int = 5) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


def held(here: Site) -> list[str]:
    epcs = here.stocked(1)
    hold(actor=here.keeper, key=unique("k"), things=epcs, reason="suspected")
    return epcs


def hooked(here: Site, server: Any, **fields: Any) -> Hook:
    boss = everything(here.h.campus, person("administrator", here.h.campus))
    address = f"http://127.0.0.1:{server.server_port}/told?by=yanji"
    made = hooks.add_hook(actor=boss, key=unique("k"), name="Display", address=address, **fields)
    return Hook.objects.get(pk=made.id)

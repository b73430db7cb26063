"""A reader that is a program: speaks LLRP as one does, and sees the tags that it is told to see."""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from .wire import Element, Frames, LlrpError, Message, decode, encode

REPORTED_AT_ONCE = 200
BUFFER = 50_000  # reports kept while nobody listens; beyond that the oldest go, and that is told
NO_SUCH_RULE = 112  # LLRP 1.1, status code M_NoSuchROSpec
NO_SUCH_PORT = 101  # M_FieldError
NOT_SUPPORTED = 109  # M_UnsupportedMessage
INACTIVE, ACTIVE = 1, 2
Event = tuple[str, dict[str, int]]


@dataclass(slots=True)
class SimulatedReader:
    """``see`` puts a tag into the field of an antenna. What nobody hears is kept, and sent to whoever comes next.

    ``clock``: seconds since 1970; a reader whose clock is wrong is simulated with another. ``acknowledged``: how many of its
    signs of life were answered.
    """

    clock: Callable[[], float] = time.time
    rules: dict[int, Element] = field(default_factory=dict)
    inputs: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(range(1, 5), False))
    told: deque[Message] = field(default_factory=lambda: deque(maxlen=BUFFER))
    kept: deque[Element] = field(default_factory=lambda: deque(maxlen=BUFFER))
    keepalive: float = 0.0
    client: asyncio.StreamWriter | None = None
    acknowledged: int = 0
    _switched_on: set[int] = field(default_factory=set)
    _reporting: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(
        self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> asyncio.Server:
        """Wait for clients, one at a time as readers do. Port 0: any free one; the server's socket knows it. ``tls``: with this
        certificate."""
        return await asyncio.start_server(self._talk, host, port, ssl=tls)

    @property
    def reporting(self) -> bool:
        """Whether somebody is connected who has set everything up."""
        return self.client is not None and self._reporting

    @property
    def reading(self) -> bool:
        return any(rule.fields["CurrentState"] == ACTIVE for rule in self.rules.values())

    def see(self, epc: str, antenna: int = 1, rssi: int = -55, count: int = 1) -> None:
        """A tag answers, by its memory in hexadecimal; unheard where the reader was never told to read."""
        if not self.reading:
            return
        if len(self.kept) == BUFFER:
            self.tell("ReportBufferOverflowErrorEvent")
        now = round(self.clock() * 1_000_000)
        self.kept.append(
            Element(
                "TagReportData",
                inside=(
                    Element("EPC_96", {"EPC": int(epc, 16)})
                    if len(epc) == 24
                    else Element("EPCData", {"EPC": bytes.fromhex(epc)}),
                    Element("AntennaID", {"AntennaID": antenna}),
                    Element("PeakRSSI", {"PeakRSSI": rssi}),
                    Element("FirstSeenTimestampUTC", {"Microseconds": now}),
                    Element("LastSeenTimestampUTC", {"Microseconds": now}),
                    Element("TagSeenCount", {"TagCount": count}),
                ),
            )
        )
        self._news.set()

    def set_input(self, number: int, high: bool) -> None:
        """An input changes: the contact of a door, say. Told where it was switched on; kept while nobody listens."""
        self.inputs[number] = high
        if number in self._switched_on:
            self.told.append(self._notice("GPIEvent", {"GPIPortNumber": number, "GPIEvent": int(high)}))
            self._news.set()

    def tell(self, event: str, **fields: int) -> None:
        """Say what happened to the reader itself, where somebody listens: ``tell("AntennaEvent", EventType=0, AntennaID=2)``."""
        if self.client:
            self.client.write(encode(self._notice(event, fields)))

    def hang_up(self) -> None:
        """Break the connection as a pulled cable does: without a word."""
        if self.client:
            self.client.transport.abort()

    def _notice(self, event: str, fields: dict[str, int]) -> Message:
        now = Element("UTCTimestamp", {"Microseconds": round(self.clock() * 1_000_000)})
        told = Element("ReaderEventNotificationData", inside=(now, Element(event, fields)))
        return Message("READER_EVENT_NOTIFICATION", inside=(told,))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = self.client is not None
        writer.write(encode(self._notice("ConnectionAttemptEvent", {"Status": int(held)})))
        if held:
            writer.close()
            return
        self.client, self._reporting = writer, False
        sending = [asyncio.create_task(self._report()), asyncio.create_task(self._say_alive())]
        try:
            await self._answer_all(reader, writer)
        except (OSError, LlrpError, asyncio.CancelledError):
            pass  # It is over, as after a word of farewell; the task's end is nobody's to hear of but its server's.
        finally:
            for each in sending:
                each.cancel()
            self.client = None
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames()
        while octets := await reader.read(1 << 16):
            for frame in frames.feed(octets):
                message = decode(frame)
                for answer in self._answers(message):
                    writer.write(encode(answer))
                await writer.drain()
                if message.name == "CLOSE_CONNECTION":
                    return

    def _answers(self, message: Message) -> Iterator[Message]:
        """What a reader says to a message; a keepalive's answer and the word to go on have none."""
        status = 0
        inside: tuple[Element, ...] = ()
        match message.name:
            case "KEEPALIVE_ACK":
                self.acknowledged += 1
                return
            case "ENABLE_EVENTS_AND_REPORTS" | "GET_REPORT":
                self._reporting = True
                self._news.set()
                return
            case "SET_READER_CONFIG":
                status = self._set(message)
            case "GET_READER_CONFIG":
                inside = tuple(self._states(message))
            case "ADD_ROSPEC":
                for rule in message.find("ROSpec"):
                    self._keep_rule(rule, INACTIVE)
            case "ENABLE_ROSPEC" | "DELETE_ROSPEC":
                status = self._change_rule(message)
            case "GET_ROSPECS":
                inside = tuple(self.rules.values())
            case "GET_READER_CAPABILITIES" | "CLOSE_CONNECTION":
                pass
            case _:
                status = NOT_SUPPORTED
        said = Element("LLRPStatus", {"StatusCode": status})
        name = "ERROR_MESSAGE" if status == NOT_SUPPORTED else f"{message.name}_RESPONSE"
        yield Message(name, inside=(said, *inside), id=message.id)

    def _set(self, message: Message) -> int:
        for each in message.find("GPIPortCurrentState"):
            number = each.fields["GPIPortNum"]
            if number not in self.inputs:
                return NO_SUCH_PORT
            assert isinstance(number, int), "a number by its row"
            self._switched_on.add(number)
        for each in message.find("KeepaliveSpec"):
            period = each.fields["PeriodicTriggerValue"]
            assert isinstance(period, int), "a number by its row"
            self.keepalive = period / 1000
        return 0

    def _states(self, message: Message) -> Iterator[Element]:
        for number, high in self.inputs.items():
            if message.fields["GPIPortNum"] in (0, number):
                fields = {
                    "GPIPortNum": number,
                    "Config": int(number in self._switched_on),
                    "State": int(high),
                }
                yield Element("GPIPortCurrentState", fields)

    def _keep_rule(self, rule: Element, state: int) -> None:
        number = rule.fields["ROSpecID"]
        assert isinstance(number, int), "a number by its row"
        self.rules[number] = Element(rule.name, {**rule.fields, "CurrentState": state}, rule.inside)

    def _change_rule(self, message: Message) -> int:
        number = message.fields["ROSpecID"]
        assert isinstance(number, int), "a number by its row"
        if number not in self.rules:
            return NO_SUCH_RULE
        rule = self.rules.pop(number)
        if message.name == "ENABLE_ROSPEC":
            self._keep_rule(rule, ACTIVE)
        return 0

    async def _report(self) -> None:
        """Send what is kept, as long as somebody takes it; what could not be handed over is kept for the next."""
        while self.client:
            await self._news.wait()
            self._news.clear()
            while self._reporting and self.told and self.client:
                self.client.write(encode(self.told.popleft()))
            while self._reporting and self.kept and self.client:
                some = [self.kept.popleft() for _ in range(min(REPORTED_AT_ONCE, len(self.kept)))]
                try:
                    self.client.write(encode(Message("RO_ACCESS_REPORT", inside=tuple(some))))
                    await self.client.drain()
                except OSError:
                    self.kept.extendleft(reversed(some))
                    return

    async def _say_alive(self) -> None:
        while self.client:
            await asyncio.sleep(self.keepalive or 1.0)
            if self.keepalive:
                self.client.write(encode(Message("KEEPALIVE")))

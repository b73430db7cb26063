"""Readers that speak over MQTT: a session that outlives us, and an answer to the broker only when what was said is safe."""

import logging
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

AT_LEAST_ONCE = 1
KEEPALIVE_SECONDS = 30
SESSION = "yanji"
PORT, PORT_OVER_TLS = 1883, 8883
AGAIN_SECONDS = 2
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Broker:
    """A connection to the broker at ``address`` (``mqtt://user:password@host:1883/session``, ``mqtts://`` over TLS), kept up by
    itself.

    ``heard(topic, payload)`` returns when the message is safe; where it raises, it is asked again. The session is the name
    under which the broker keeps what comes while we are away: each installation of Yanji needs its own. ``trusted``: how its
    certificate is checked; without, by the authorities of this machine. ``why``: why it cannot be reached, empty
    while nothing speaks against it; each reason is logged once.
    """

    address: str
    heard: Callable[[str, bytes], None]
    trusted: ssl.SSLContext | None = None
    topics: set[str] = field(default_factory=set)
    why: str = ""
    _client: paho.Client | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Connect, and connect again whenever the connection breaks; returns at once."""
        given = urlsplit(self.address)
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=given.path.strip("/") or SESSION,
            clean_session=False,
            manual_ack=True,
        )
        if given.scheme == "mqtts":
            client.tls_set_context(self.trusted)
        if given.username:
            client.username_pw_set(given.username, given.password)
        client.on_connect = self._connected
        client.on_connect_fail = self._failed
        client.on_message = self._message
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        port = given.port or (PORT_OVER_TLS if given.scheme == "mqtts" else PORT)
        client.connect_async(given.hostname or "localhost", port, KEEPALIVE_SECONDS)
        client.loop_start()
        self._client = client

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def stop(self) -> None:
        """Leave; the broker keeps the session."""
        self._stopped.set()
        if self._client:
            self._client.disconnect()
            self._client.loop_stop()

    def follow(self, topics: set[str]) -> None:
        """Listen to exactly these topics from now on."""
        assert self._client is not None, "started before"
        gone, new = self.topics - topics, topics - self.topics
        self.topics = set(topics)
        if self._client.is_connected():
            for topic in gone:
                self._client.unsubscribe(topic)
            for topic in new:
                self._client.subscribe(topic, AT_LEAST_ONCE)

    def _connected(
        self, client: paho.Client, _data: object, _flags: object, code: object, _properties: object
    ) -> None:
        if code != 0:
            self.why = str(code)
            log.warning("the MQTT broker refused us: %s", code)
            return
        self.why = ""
        for topic in self.topics:
            client.subscribe(topic, AT_LEAST_ONCE)

    def _failed(self, _client: paho.Client, _data: object) -> None:
        """The library calls this while it handles what was raised, and keeps trying."""
        why = str(sys.exc_info()[1])
        if why != self.why:
            self.why = why
            log.warning("the MQTT broker cannot be reached: %s", why)

    def _message(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        """Keep one message before the next, however long that takes. Where it takes so long that the broker gives us up, it
        sends the message again: what was not answered stays with it."""
        while not self._stopped.is_set():
            try:
                self.heard(message.topic, bytes(message.payload))
            except Exception:
                log.exception("a message on %s could not be kept yet", message.topic)
                self._stopped.wait(AGAIN_SECONDS)
            else:
                client.ack(message.mid, message.qos)
                return

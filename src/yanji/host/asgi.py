"""Django as the server runs it: one thread hop per request, bodies bounded, gone when the supervisor is gone."""

import os
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from yanji.host.beside import SUPERVISOR
from yanji.host.parting import leave_in_time

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanji.host.settings")


class Handler(ASGIHandler):
    """Runs the whole middleware chain in the request's own thread.

    Django's ASGI handler changes threads once per middleware; our pages are synchronous, so one change is enough.
    An async view still streams: its response is iterated on the event loop.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        BaseHandler.load_middleware(self, is_async=False)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        response = await sync_to_async(self._answered)(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined] # as Django itself sets it
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _read_aside(iter(response))
        return response

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.streaming:
            # Django gives a connection back when the answer has ended: a stream would keep one for as long as it lasts.
            connections.close_all()
        return response

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await super().__call__(scope, _Bounded(scope, receive), send)


async def _read_aside(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """What is read from a disk, piece by piece in the request's thread: others are answered in the meantime."""
    read = sync_to_async(lambda: next(parts, None))
    while (part := await read()) is not None:
        yield part


class _Bounded:
    """Cuts off a body that says no length (chunked) and grows beyond every limit; see middleware for the others."""

    def __init__(self, scope: dict[str, Any], receive: Receive) -> None:
        self._receive = receive
        self._room = _stream_limit(scope)

    async def __call__(self) -> Message:
        message = await self._receive()
        self._room -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self._room < 0 else message


def _stream_limit(scope: dict[str, Any]) -> int:
    from django.conf import settings

    return int(settings.YANJI_UPLOAD_MAX_BYTES) + 1


def _end_streams() -> None:
    """An open stream is never answered to its end: it must be told that its server leaves."""
    stream = getattr(sys.modules.get("yanji.web.live"), "STREAM", None)
    if stream:
        stream.close()


if SUPERVISOR in os.environ:
    threading.Thread(target=leave_in_time, args=(_end_streams,), daemon=True).start()

django.setup(set_prefix=False)
application = Handler()

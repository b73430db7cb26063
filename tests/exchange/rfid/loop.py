"""A loop of a test's own: in a thread, because the browser's keeps running in the main one."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def ran(story: Coroutine[object, object, T]) -> T:
    """What the story comes to."""

    def run() -> T:
        try:
            return asyncio.run(story)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as own:
        return own.submit(run).result()

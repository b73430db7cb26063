"""A process beside the web server that does the duties when they are due."""

import asyncio
import os
import sys
import threading
import time
from datetime import timedelta

from yanji.host.beside import supervised

RETRY = timedelta(seconds=10)


def main() -> int:
    """Work until the process that started us is gone; a database that is away for a while is waited for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanji.host.settings")
    import django

    django.setup()
    from django.db import Error, close_old_connections
    from django.utils import timezone

    from yanji.host.duties import DUTIES
    from yanji.ledger.api import Refused

    threading.Thread(target=_listen, name="readers", daemon=True).start()
    threading.Thread(target=_post, name="outbox", daemon=True).start()
    due = dict.fromkeys(DUTIES, timezone.now())
    while supervised():
        now = timezone.now()
        for duty in [duty for duty, at in due.items() if at <= now]:
            close_old_connections()
            try:
                due[duty] = duty(now)
            except (Error, Refused) as error:
                due[duty] = now + RETRY
                print(f"yanji: {duty.__name__}: {error}", file=sys.stderr, flush=True)
        time.sleep(0.5)
    return 0


def _listen() -> None:
    """Listen to the RFID readers for as long as the process lives; what breaks is begun again."""
    from yanji.exchange.rfid.intake import listen_to_all
    from yanji.host.given import broker, readers_authorities

    while True:
        try:
            asyncio.run(listen_to_all(broker(), readers_authorities()))
        except Exception as error:
            print(f"yanji: readers: {error!r}", file=sys.stderr, flush=True)
            time.sleep(RETRY.total_seconds())


def _post() -> None:
    """Send messages out for as long as the process lives. Apart from the duties: another system may be slow to answer."""
    from django.db import close_old_connections

    from yanji.notify.outbox import send_due

    while True:
        taken = 0
        try:
            close_old_connections()
            taken = send_due()
        except Exception as error:
            print(f"yanji: outbox: {error}", file=sys.stderr, flush=True)
            time.sleep(RETRY.total_seconds())
        if not taken:
            time.sleep(2)


if __name__ == "__main__":
    sys.exit(main())

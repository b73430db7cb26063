"""A gate that speaks LLRP: what passes it stands on the page by itself, and goes on to putting away without a scanner."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, opened
from tests.browser.wedge import Gallery, rows, scan
from tests.flows.site import Site, person
from tests.makers import unique
from tests.patience import PATIENCE
from yanji.exchange.rfid.intake import listen_to_all
from yanji.exchange.rfid.llrp.simulated import SimulatedReader
from yanji.exchange.rfid.scenario import carry
from yanji.flows.codes import add_code
from yanji.flows.rfid.models import Reader
from yanji.identity import tag_of
from yanji.ledger.models import Unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAGS = [f"E2801160600002{number:010X}" for number in range(4)]
WORDS = {
    "zh-hans": {"new": "新增读写器", "save": "保存", "away": "上架", "out": "未出库", "online": "在线"},
    "en": {"new": "New reader", "save": "Save", "away": "Put away", "out": "Not issued", "online": "Online"},
}


class Gate:
    """A simulated gate and who listens to it, both at work in a thread."""

    def __init__(self) -> None:
        self.reader = SimulatedReader()
        self._started = threading.Event()
        self.port = 0

    def __enter__(self) -> "Gate":
        self._thread = threading.Thread(target=asyncio.run, args=[self._listen()])
        self._thread.start()
        assert self._started.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._listening.cancel)
        self._thread.join()

    async def _listen(self) -> None:
        self._loop, server = asyncio.get_running_loop(), await self.reader.serve()
        self.port = server.sockets[0].getsockname()[1]
        self._listening = asyncio.create_task(listen_to_all())
        self._started.set()
        await asyncio.gather(self._listening, return_exceptions=True)
        server.close()

    def carry(self, tags: list[str], way: Any) -> None:
        going = carry(self.reader, tags, way, seconds=1.0)
        asyncio.run_coroutine_threadsafe(going, self._loop).result(PATIENCE)


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (WALL, "en")], ids=["phone-zh", "wall-en"]
)
def test_a_gate_is_entered_and_tells_what_passes(
    browser: Any, address: str, here: Site, size: dict[str, int], language: str
) -> None:
    words, gallery = WORDS[language], Gallery(f"{size['width']}-{language[:2]}")
    epcs = here.stocked(4)
    written = tag_of(epcs[2], company_prefix="")
    assert written is not None
    tags = [*TAGS[:2], written[1], TAGS[3]]  # one holds the unit's own identity, as a label of ours writes it
    for epc, tag in zip(epcs, tags, strict=True):
        if tag in TAGS:
            add_code(actor=here.keeper, key=unique("k"), epc=epc, code=tag)
    administrator = person("administrator", here.h.campus)
    with Gate() as gate:
        with opened(browser, address, administrator, size=size, language=language) as page:
            page.goto("/storeroom/readers")
            page.get_by_role("link", name=words["new"]).first.click()
            page.locator("#f-name").fill("Dock gate")
            page.locator("#f-place").select_option(str(here.h.store.pk))
            page.locator("#f-address").fill(f"127.0.0.1:{gate.port}")
            page.locator("#f-inside").fill("2")
            page.locator("#f-outside").fill("1")
            gallery.take(page, "reader-form")
            page.get_by_role("button", name=words["save"]).click()
            expect(page.locator("tbody tr")).to_have_count(1)
            settles(lambda: gate.reader.reading)
            page.goto("/storeroom/readers")
            expect(page.locator("tbody")).to_contain_text(words["online"])
            gallery.take(page, "readers")
        with opened(browser, address, here.storekeeper, size=size, language=language) as page:
            Reader.objects.update(heard_at=None, lost_because="[Errno 111] Connect call failed")
            page.goto(f"/storeroom/readers/{Reader.objects.get().pk}")
            gate.carry(tags[:3], "in")
            expect(page.locator("[data-reader-tag]")).to_have_count(3)
            expect(page.locator("#reader-state")).to_contain_text(words["online"])
            expect(page.locator("#reader-state")).not_to_contain_text("Errno")
            gate.carry(tags[3:], "out")
            expect(page.locator(".alert-danger")).to_be_visible()
            expect(page.locator("tr.y-alarm")).to_contain_text(words["out"])
            gallery.take(page, "reader")
            for epc in epcs[:3]:
                page.locator(f"[data-reader-tag][value='{epc}']").check()
            page.get_by_role("button", name=words["away"]).click()
            rows(page, 3)
            scan(page, here.h.bin.code)
            expect(page.locator("#chosen")).to_contain_text(here.h.bin.code)
            scan(page, here.h.bin.code)
            expect(page.locator("#messages .y-message.y-ok")).to_be_visible()
            gallery.take(page, "reader-put-away")
    assert set(Unit.objects.filter(epc__in=epcs[:3]).values_list("place_id", flat=True)) == {here.h.bin.pk}


def settles(true: Callable[[], Any]) -> None:
    """What the ledger will say."""
    ended = threading.Event()
    for _ in range(PATIENCE * 10):
        if true():
            return
        ended.wait(0.1)
    raise AssertionError("it never was so")

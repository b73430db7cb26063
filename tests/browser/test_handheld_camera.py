"""The camera as a scanner: a film of real labels is held before it, and each unit lies in the basket, once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from tests.browser.test_handheld import begin, opened
from tests.conftest import QUIET_CHROMIUM
from tests.patience import PATIENCE_MS
from tests.web.flows.world import World, later, world
from yanji.access.models import Person
from yanji.catalog.models import ItemCode
from yanji.flows.symbols import Drawing, code128, datamatrix, gs1_128, gs1_datamatrix, qr
from yanji.identity.checks import hibc_mod43

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH, HEIGHT, FRAMES = 1280, 720, 3
WHITE, BLACK, GREY = 235, 16, 128


def film(path: Path, *symbols: tuple[Drawing, float]) -> None:
    """A few frames of symbols on white paper, each in the middle of its part of the picture, side by side (YUV4MPEG2)."""
    rows = [bytearray([WHITE]) * WIDTH for _ in range(HEIGHT)]
    part = WIDTH // len(symbols)
    for number, (drawing, scale) in enumerate(symbols):
        left = part * number + int(part - drawing.width * scale) // 2
        top = int(HEIGHT - drawing.height * scale) // 2
        assert left >= part * number, f"symbol {number} is too wide for its part"
        for x, y, width, height in drawing.boxes:
            dark = slice(left + round(x * scale), left + round((x + width) * scale))
            for row in range(top + round(y * scale), top + round((y + height) * scale)):
                rows[row][dark] = bytes([BLACK]) * (dark.stop - dark.start)
    frame = b"FRAME\n" + b"".join(rows) + bytes([GREY]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F15:1 Ip A1:1 C420\n".encode() + frame * FRAMES)


@pytest.fixture
def hospital(transactional_db: None) -> World:
    return world()


@pytest.mark.parametrize(
    ("draw", "scale"), [(gs1_datamatrix, 8), (gs1_128, 1)], ids=["datamatrix", "gs1-128"]
)
def test_a_label_before_the_camera_is_one_scan(
    browser: Any, live_server: Any, hospital: World, tmp_path: Path, draw: Any, scale: int
) -> None:
    hospital.stocked("CAM1")
    day = f"{later(400):%y%m%d}"
    film(tmp_path / "label.y4m", (draw(f"(01){hospital.gtin()}(17){day}(10)L2409A(21)CAM1"), scale))
    with held_before(browser, live_server, hospital, tmp_path) as page:
        begin(page, "put_away")
        page.locator("[data-camera]").click()
        row = page.locator("[data-basket] [data-scan-row][data-result=ok]")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Serial CAM1")
        # It stays in sight, and is no second scan.
        page.wait_for_timeout(3_000)
        expect(page.locator("[data-basket] [data-scan-row]")).to_have_count(1)
        expect(page.locator("[data-camera]")).to_have_attribute("aria-pressed", "true")
        page.locator("[data-camera]").click()
        expect(page.locator("[data-camera-box]")).to_be_hidden()


def test_a_digital_link_and_hibc_before_the_camera_are_read(
    browser: Any, live_server: Any, hospital: World, tmp_path: Path
) -> None:
    """A QR code with a GS1 Digital Link, and HIBC both as a DataMatrix and as a Code 128, in one picture."""
    day = f"{later(400):%y%m%d}"
    link = f"https://id.gs1.org/01/{hospital.gtin()}/10/L2409A/21/CAM2?17={day}"
    ItemCode.objects.create(item=hospital.item, issuer="HIBCC", code="A99912345")
    square = datamatrix(linked(f"+A99912345/$$3{day}L2409A/SHB1"))
    bars = code128(linked("+A99912345/$+HB2"))
    assert bars is not None
    film(tmp_path / "label.y4m", (qr(link), 4), (square, 5), (bars, 1))
    with held_before(browser, live_server, hospital, tmp_path) as page:
        begin(page, "look")
        page.locator("[data-camera]").click()
        rows = page.locator("[data-basket] [data-scan-row]")
        expect(rows).to_have_count(3)
        for serial in ("CAM2", "HB1", "HB2"):
            expect(rows.filter(has_text=f"Serial {serial}")).to_contain_text("Drug-eluting coronary stent")
        expect(rows.filter(has_text="Lot L2409A")).to_have_count(2)


def linked(payload: str) -> str:
    """With the check character of HIBC."""
    check = hibc_mod43(payload)
    assert check is not None
    return payload + check


@contextmanager
def held_before(browser: Any, live_server: Any, hospital: World, folder: Path) -> Iterator[Page]:
    """The scan page of the storekeeper on a phone whose camera sees the film."""
    keeper = hospital.people["storekeeper"]
    Person.objects.filter(pk=keeper.pk).update(language="en")
    camera = [
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={folder / 'label.y4m'}",
    ]  # fmt: skip
    phone = browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*QUIET_CHROMIUM, *camera]
    )
    session = phone.new_context(viewport={"width": 390, "height": 844})
    session.set_default_timeout(PATIENCE_MS)
    client = Client()
    client.force_login(keeper)
    name = settings.SESSION_COOKIE_NAME
    session.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = session.new_page()
    opened(page, live_server.url)
    try:
        yield page
    finally:
        phone.close()

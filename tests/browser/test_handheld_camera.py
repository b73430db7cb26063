"""The camera as a scanner: a film of a real label is held before it, and the unit lies in the basket, once."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.browser.test_handheld import begin, opened
from tests.conftest import QUIET_CHROMIUM
from tests.patience import PATIENCE_MS
from tests.web.flows.world import World, later, world
from yanji.access.models import Person
from yanji.flows.symbols import Drawing, gs1_128, gs1_datamatrix

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH, HEIGHT, FRAMES = 1280, 720, 3
WHITE, BLACK, GREY = 235, 16, 128


def film(path: Path, drawing: Drawing, scale: int) -> None:
    """A few frames of a symbol on white paper, in the middle of the picture (YUV4MPEG2)."""
    rows = [bytearray([WHITE]) * WIDTH for _ in range(HEIGHT)]
    left, top = int(WIDTH - drawing.width * scale) // 2, int(HEIGHT - drawing.height * scale) // 2
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
    film(tmp_path / "label.y4m", draw(f"(01){hospital.gtin()}(17){day}(10)L2409A(21)CAM1"), scale)
    keeper = hospital.people["storekeeper"]
    Person.objects.filter(pk=keeper.pk).update(language="en")
    camera = [
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'label.y4m'}",
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
    phone.close()

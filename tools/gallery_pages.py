"""Makes docs/gallery/pages anew: every page that a role of the demo hospital comes to by its links, in both languages and sizes.

.venv/bin/python tools/gallery_pages.py                      serves a demo hospital of its own meanwhile
.venv/bin/python tools/gallery_pages.py http://127.0.0.1:8000    pictures of the one that runs there
.venv/bin/python tools/gallery_pages.py --only scan home         those pages alone, by how their routes begin; the others stay
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

import django
from PIL import Image
from playwright.sync_api import APIRequestContext, Browser, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "docs" / "gallery"
PAGES = GALLERY / "pages"
# Light in Chinese and dark in English: every page is seen in both, and nobody looks at eight pictures of one.
PHONE, DESK = (390, 844), (1920, 1080)
DRESSINGS: dict[str, tuple[str, Literal["light", "dark"], tuple[int, int]]] = {
    "zh-390": ("zh-hans", "light", PHONE),
    "zh-1920": ("zh-hans", "light", DESK),
    "en-390": ("en", "dark", PHONE),
    "en-1920": ("en", "dark", DESK),
}
LOCALES = {"zh-hans": "zh-CN", "en": "en-GB"}  # of the browser, which shows days in its own way
SHOWN = 2 / 3  # of the pixels of a desk
HIGHEST = {390: 1500, 1920: 1350}  # pixels of a long page: what comes below is more of the same
QUALITY = 45
DRAWN = (
    "[...document.querySelectorAll('[data-chart]')].every((box) => box.querySelector('svg'))"
    " && !document.querySelector('[aria-busy=true]')"
)
AFTERNOON = 16  # a hospital whose day has just begun has little to show
ADDRESSES = 8  # of a page are tried, and the one that says most is shown
STARTS_WITHIN_SECONDS = 600
README = """# Every page 每一页

Every page of the demo hospital, as the role sees it to whom it says most: in Chinese and light, in English and dark,
on a phone and at a desk. `.venv/bin/python tools/gallery_pages.py` makes these pictures and this page anew.
What a browser draws by itself - days, the choice of a file - it says in its own language.
演示医院的每一页，由所见内容最多的角色打开：中文浅色、英文深色，手机与电脑。上述命令可重新生成。
日期框、选择文件等由浏览器自绘的部分，用浏览器界面的语言。
"""


class Sight(NamedTuple):
    """A page: the account that sees it (none: whoever comes), where, and how much it says there."""

    name: str
    address: str
    length: int


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", nargs="?", default="")
    parser.add_argument("--only", nargs="+", default=[""], metavar="ROUTE")
    asked = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanji.host.settings")
    django.setup()
    with hospital(asked.address) as server, sync_playwright() as play:
        program = shutil.which("chromium")
        browser = play.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        sights = found(browser, server)
        PAGES.mkdir(exist_ok=True)
        wanted = {route: sight for route, sight in sights.items() if route.startswith(tuple(asked.only))}
        pictured(browser, server, wanted)
        named = {name_of(route) for route in sights}
        for old in PAGES.glob("*.webp"):
            if old.name.partition(".")[0] not in named:
                old.unlink()
        fronted(browser, server, sights["unit/<path:epc>"])
    (PAGES / "README.md").write_text(_index(sights), encoding="utf-8")
    return 0


@contextmanager
def hospital(address: str = "") -> Iterator[str]:
    """Where the demo hospital is served: as given, or a new one of our own until the end."""
    if address:
        yield address.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as home, socket.socket() as door:
        Path(home).chmod(0o755)  # a server of root's gives its database to another user
        door.bind(("127.0.0.1", 0))
        port = str(door.getsockname()[1])
        door.close()
        served = subprocess.Popen(
            [Path(sys.executable).with_name("yanji"), "up", "--port", port],
            env={**os.environ, "YANJI_HOME": home, "YANJI_TIME_ZONE": _where_it_is_afternoon()},
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _awaited(served, address)
            yield address
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait()


def _where_it_is_afternoon() -> str:
    """`Etc/GMT-3` is three hours ahead of Greenwich."""
    ahead = (AFTERNOON - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


def _awaited(served: "subprocess.Popen[bytes]", address: str) -> None:
    for _ in range(STARTS_WITHIN_SECONDS):
        if served.poll() is not None:
            raise SystemExit("The demo hospital ended before it was served.")
        try:
            urllib.request.urlopen(address + "/sign-in", timeout=10).close()
        except OSError:
            time.sleep(1)
        else:
            return
    raise SystemExit("The demo hospital is not served.")


# Finding


def found(browser: Browser, server: str) -> dict[str, Sight]:
    """Route -> the page to show of it."""
    from yanji.demo import ACCOUNTS, PASSWORD

    sights = {"sign-in": Sight("", "/sign-in", 0)}
    for name in {role: name for name, _password, role in reversed(ACCOUNTS)}.values():
        context = browser.new_context(base_url=server)
        signed_in(context.new_page(), name, PASSWORD)
        for route, sight in _walked(context.request, name):
            # One address, and another page for each of them.
            own = route or f"home/{name}"
            sights[own] = max(sights.get(own, sight), sight, key=lambda each: each.length)
        context.close()
    return sights


def signed_in(page: Page, name: str, password: str) -> None:
    page.goto("/sign-in")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#sign-in-form button.btn-primary").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def _walked(client: APIRequestContext, name: str) -> Iterator[tuple[str, Sight]]:
    """All that can be reached from the first page; of every route the address that says most."""
    waiting, seen = ["/"], {"/"}
    of_route: dict[str, list[Sight]] = defaultdict(list)
    while waiting:
        address = waiting.pop(0)
        route = route_of(address)
        if route is None or len(of_route[route]) >= ADDRESSES:
            continue
        try:
            answer = client.get(address, max_redirects=0)
            text = answer.text() if "text/html" in answer.headers.get("content-type", "") else ""
        except (Error, UnicodeDecodeError):
            continue  # a download
        if answer.status != 200 or not text.lstrip()[:15].lower().startswith("<!doctype html>"):
            continue
        of_route[route].append(Sight(name, address, len(text)))
        for link in _links(text, address):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    for route, sights in of_route.items():
        if sights:
            # The first page is the one somebody comes to, and not what else they may look at there.
            yield route, max(sights, key=lambda sight: (sight.address == "/", sight.length))


def route_of(address: str) -> str | None:
    """The pattern of a page of ours, without what makes one address of it differ from another."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    return match.route if not match.route.startswith("api/") else None


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs)
        if tag == "a" and target.get("href") and "download" not in target:
            self.found.append(target["href"] or "")


def _links(text: str, address: str) -> Iterator[str]:
    anchors = _Anchors()
    anchors.feed(text)
    for target in anchors.found:
        parts = urlsplit(urljoin(address, target))
        if not parts.netloc and parts.path.startswith("/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


# Picturing


def pictured(browser: Browser, server: str, sights: dict[str, Sight]) -> None:
    by_name = defaultdict(list)
    for route, sight in sights.items():
        by_name[sight.name].append((route, sight))
    for dressing, (language, theme, size) in DRESSINGS.items():
        for name, pages in by_name.items():
            context = browser.new_context(
                base_url=server,
                locale=LOCALES[language],
                color_scheme=theme,
                reduced_motion="reduce",
                bypass_csp=True,
            )
            page = context.new_page()
            if name:
                _dressed(page, name, language, theme)
            for route, sight in pages:
                _drawn(page, sight.address, *size)
                _kept(page, PAGES / f"{name_of(route)}.{dressing}.webp")
            context.close()
        print(f"{dressing}: {len(sights)} pages", flush=True)


def fronted(browser: Browser, server: str, unit: Sight) -> None:
    """The picture that the README begins with, in the light of day."""
    for code, language in {"zh": "zh-hans", "en": "en"}.items():
        context = browser.new_context(
            base_url=server, locale=LOCALES[language], reduced_motion="reduce", bypass_csp=True
        )
        page = context.new_page()
        _dressed(page, unit.name, language, "light")
        _drawn(page, unit.address, *DESK)
        page.screenshot(path=GALLERY / f"unit-{code}-1920.png")
        context.close()


def _dressed(page: Page, name: str, language: str, theme: str) -> None:
    from yanji.demo import PASSWORD

    signed_in(page, name, PASSWORD)
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "yanji_csrf")
    page.request.post(
        "/preferences",
        form={"language": language, "theme": theme, "csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
    )


def _drawn(page: Page, address: str, width: int, height: int) -> None:
    """The page in a window as high as itself, so that what is fixed to the window's edges stands at the edges of the picture."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page.wait_for_load_state()
    whole = page.evaluate("document.fonts.ready.then(() => document.documentElement.scrollHeight)")
    page.set_viewport_size({"width": width, "height": max(height, min(whole, HIGHEST[width]))})
    with suppress(Error):
        page.wait_for_function(DRAWN, timeout=10_000)
    page.wait_for_timeout(400)  # for what moves into place: a picture, and no test, hangs on it


def _kept(page: Page, file: Path) -> None:
    with Image.open(BytesIO(page.screenshot())) as picture:
        shown = picture.convert("RGB")
        if shown.width > max(PHONE):
            shown = shown.resize(
                (round(shown.width * SHOWN), round(shown.height * SHOWN)), Image.Resampling.LANCZOS
            )
        shown.save(file, quality=QUALITY, method=6)


def name_of(route: str) -> str:
    """`buyer/orders/<int:order_id>` -> `buyer-orders-order_id`"""
    return re.sub(r"[^a-z0-9_]+", "-", re.sub(r"<\w+:(\w+)>", r"\1", route)).strip("-") or "home"


def _index(sights: dict[str, Sight]) -> str:
    parts, area = [README], ""
    for route, sight in sorted(sights.items()):
        first = route.partition("/")[0] if "/" in route else ""
        if first != area:
            area = first
            parts.append(f"\n## {area}\n")
        shown = " ".join(f"![]({name_of(route)}.{dressing}.webp)" for dressing in DRESSINGS)
        said = f" ({sight.name})" if sight.name else ""
        parts.append(f"\n### `/{route}`{said}\n{shown}\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A scan of a count as a browser shows it: from the Enter that ends it to the row that answers it, drawn, on a phone page of a
store of which nearly all was counted before. In turns with bare views, which say how busy the machine is meanwhile."""

import shutil
from collections.abc import Iterator

from counting import BUDGET_MS, counted
from pages import server, sign_in
from posting import Bench, Unit
from rows import Row
from turns import bare_turn, quiet

PHONE = {"width": 390, "height": 844}
CLOCK = """
() => {
  window.took = [];
  const list = document.getElementById("scanned");
  let began = 0;
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") began = performance.now(); }, true);
  new MutationObserver((changes) => {
    if (began && changes.some((change) => change.addedNodes.length)) {
      const from = began;
      began = 0;
      requestAnimationFrame(() => {
        window.took.push(performance.now() - from);
        list.dataset.took = window.took.length;
      });
    }
  }).observe(list, { childList: true });
}
"""


def drawn(bench: Bench, units: list[Unit], last: int) -> Iterator[Row]:
    """Nothing where there is no Chromium. The first five warm up both workers and the page."""
    program = shutil.which("chromium")
    if program is None:
        print("count: no Chromium here, so what a browser draws is not measured", flush=True)
        return
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    _api, browser = sign_in(bench.ground)
    count = counted(bench, units[:-last])
    session = browser["Cookie"].partition("=")[2]
    turns, found = list[float](), list[float]()
    with server() as port, sync_playwright() as playwright:
        base = f"http://127.0.0.1:{port}"
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = started.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
        # The page that is looked at last: one behind another draws once a second.
        beside, page = context.new_page(), context.new_page()
        beside.goto(f"{base}/healthz")
        page.goto(f"{base}/storeroom/count/{count}")
        page.evaluate(CLOCK)
        turns.append(bare_turn(beside))
        for number, (_key, epc, _lot) in enumerate(units[-last:], 1):
            page.keyboard.type(epc)
            page.keyboard.press("Enter")
            page.locator(f"#scanned[data-took='{number}']").wait_for()
            turns.append(bare_turn(beside))
        found = page.evaluate("window.took")[5:]
        started.close()
    alone = quiet(found, turns[5:])
    for name, took in (
        ("a scan drawn by a browser", alone.median),
        ("95th in a hundred of these", alone.late),
    ):
        yield Row(
            f"count: {name}, against 100 ms", took, BUDGET_MS, took / BUDGET_MS, "ms", len(found), 1.0, at_most=True
        )  # fmt: skip

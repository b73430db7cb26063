"""Draw the app's icons anew from the mark: phones want pixels, and cut the edges of an icon in shapes of their own."""

import re
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent.parent / "src" / "yanji" / "web" / "static" / "yanji"
# Name -> (pixels, share of the width that the mark takes). A maskable icon is cut to the circle of four fifths of its width.
ICONS = {"icon-180": (180, 0.82), "icon-512": (512, 0.82), "icon-maskable-512": (512, 0.66)}


def main() -> None:
    mark = re.sub(r"<rect[^>]*/>", "", (FOLDER / "mark.svg").read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (pixels, share) in ICONS.items():
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            middle = "display:grid;place-items:center;margin:0;height:100vh;background:#0d2b2a"
            page.set_content(f'<body style="{middle}"><div style="width:{share:.0%}">{mark}</div>')
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()

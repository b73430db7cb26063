"""Makes the pictures of docs/gallery anew: walks the journey in both languages and sizes, and keeps what it saw, small."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "docs" / "gallery"
WALK = "tests/browser/test_journey.py"
DRESSINGS = ("zh-390", "en-390", "zh-1920", "en-1920")
COLOURS = 128  # Flat colours and text: nobody sees a difference, and a picture has a third of the bytes.
SHOWN = 2 / 3  # of the pixels of a desk
STATIONS = {
    "01-new-order": "A new order 新建采购单",
    "02-ship-notice": "The supplier's ship notice 发货通知",
    "03-order": "The order afterwards 采购单",
    "04-receiving": "What is expected 待收货",
    "05-receive": "Receive by scan, with inspection 扫码收货与验收",
    "06-receipt": "What the delivery lacked 收货差异",
    "07-put-away": "Put away 上架",
    "08-requisition": "A department asks 科室请领",
    "09-pick": "Pick: first expiry first, and why not the others 先到期先出及跳过原因",
    "10-issue": "Issue 出库",
    "11-take-in": "Receipt at the department 科室接收",
    "12-use": "Use on a patient 患者使用",
    "13-used-already": "A refusal that teaches 拒绝也给出办法",
    "14-give-back": "Give back 退库",
    "15-scrap": "Scrap, signed by two 双人报废",
    "16-returned": "Inspection of what came back 退回验收",
    "17-unit": "The unit afterwards 使用后的单件",
    "18-lot": "Where the lot went 批号流向",
}
README = """# Gallery 图集

One stent's journey as the browser story walks it, in Chinese and English, on a phone and at a desk.
`.venv/bin/python tools/gallery.py` makes these pictures and this page anew. The first two are from the demo hospital.
浏览器测试走完的一段旅程：中文与英文，手机与电脑。上述命令可重新生成全部图片和本页；前两张取自演示医院。
Every page of the demo hospital is [there](pages/README.md). 演示医院的[每一页](pages/README.md)。

## A unit's life line 单件的生命轨迹
![](unit-en-1920.png) ![](unit-zh-1920.png)
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        walked = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", WALK],
            cwd=ROOT, env={**os.environ, "YANJI_GALLERY": folder}, check=False,
        )  # fmt: skip
        if walked.returncode:
            return walked.returncode
        _keep(Path(folder))
    (GALLERY / "README.md").write_text(_page(), encoding="utf-8")
    return 0


def _keep(taken: Path) -> None:
    """Every picture of every station, in few colours; what stood there before goes."""
    for old in GALLERY.glob("[0-9][0-9]-*.png"):
        old.unlink()
    for station in STATIONS:
        for dressing in DRESSINGS:
            name = f"{station}-{dressing}.png"
            with Image.open(taken / name) as picture:
                _small(picture, wide=dressing.endswith("1920")).save(GALLERY / name, optimize=True)


def _small(picture: Image.Image, *, wide: bool) -> Image.Image:
    shown = picture.convert("RGB")
    if wide:
        size = (round(picture.width * SHOWN), round(picture.height * SHOWN))
        shown = shown.resize(size, Image.Resampling.LANCZOS)
    return shown.quantize(COLOURS)


def _page() -> str:
    parts = [README]
    for station, title in STATIONS.items():
        shown = " ".join(f"![]({station}-{dressing}.png)" for dressing in DRESSINGS)
        parts.append(f"\n## {title}\n{shown}\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())

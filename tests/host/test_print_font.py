"""The font of PDFs is joined from the pieces that browsers fetch, once for each version of them."""

from pathlib import Path

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from yanji.host import print_font, static
from yanji.host.home import HostError

PIECES = static.MODULES / "@fontsource-variable" / "noto-sans-sc" / "files"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation whose font has a few pieces; where it is joined to."""
    files = tmp_path / "modules" / "@fontsource-variable" / "noto-sans-sc" / "files"
    files.mkdir(parents=True)
    for name in ("latin", "119"):
        file = f"noto-sans-sc-{name}-wght-normal.woff2"
        (files / file).write_bytes((PIECES / file).read_bytes())
    monkeypatch.setattr(static, "MODULES", tmp_path / "modules")
    monkeypatch.setattr(static, "PRINT_FONT", tmp_path / "fonts" / "joined.ttf")
    return tmp_path / "fonts" / "joined.ttf"


def test_pieces_become_one_font_of_one_weight_once(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static.build_print_font()
    face = TTFont("Joined", str(few)).face
    assert face.name == b"NotoSansSC"
    assert {ord("A"), ord("的")} <= face.charToGlyph.keys()
    assert face.charWidths[ord("的")] == 1000
    assert [file.name for file in few.parent.iterdir() if file.suffix not in (".ttf", ".stamp")] == []
    monkeypatch.setattr(print_font, "join_font", lambda *_given: pytest.fail("it was joined already"))
    static.build_print_font()


def test_without_the_pieces_the_way_out_is_said(
    few: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(static, "MODULES", tmp_path / "nowhere")
    with pytest.raises(HostError, match="run make again"):
        static.build_print_font()
    assert not few.exists()

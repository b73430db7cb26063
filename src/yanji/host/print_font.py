"""Makes the font of PDFs: the pages' own, whose hundred pieces no PDF takes, instanced and joined into one TrueType file."""

import io
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

NAME, WEIGHT = "Noto Sans SC", 400
# What a PDF uses of a font is its letters and their widths: no variations, no layout, no names.
KEPT = frozenset(
    {"GlyphOrder", "OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}
)


def join_font(pieces: Sequence[Path], target: Path) -> None:
    """Write the letters of all pieces, in one weight, as one font. About 13 s of one core, shared between those there are."""
    from fontTools.merge import Merger
    from fontTools.ttLib import TTFont

    with ProcessPoolExecutor(min(4, os.cpu_count() or 1)) as workers:
        plain = list(workers.map(_plain, pieces, chunksize=4))
    font: TTFont = Merger().merge([io.BytesIO(piece) for piece in plain])
    font["post"].formatType = 3.0
    for number, said in ((1, NAME), (4, NAME), (6, NAME.replace(" ", ""))):
        font["name"].setName(said, number, 3, 1, 0x409)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Renamed into place: a server that is starting must not read half a file.
    partial = target.with_suffix(f".{os.getpid()}")
    font.save(partial)
    partial.rename(target)


def _plain(piece: Path) -> bytes:
    """One piece in one weight, as a TrueType file."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = instantiateVariableFont(TTFont(piece), {"wght": WEIGHT}, inplace=True)
    font.flavor = None
    for table in set(font.keys()) - KEPT:
        del font[table]
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()

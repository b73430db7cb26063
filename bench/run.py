"""`make bench`: everything that is claimed about speed, measured in one run and printed as ratios."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(Path(__file__).parent))

from rows import Row, save, scale, table  # noqa: E402


def measured(parts: set[str]) -> Iterator[Row]:
    import ground

    if "identify" in parts:
        import identify

        yield from identify.measured()
    home = ROOT / "build" / "bench-home"
    shutil.rmtree(home, ignore_errors=True)
    with ground.scratch_cluster(home):
        laid = ground.lay()
        if "post" in parts:
            from posting import posting

            yield from posting(laid, os.environ.get("BENCH_ONLY", ""))
        if "box" in parts:
            from boxes import boxes

            yield from boxes(laid)
        if "count" in parts:
            from counting import counting

            yield from counting(laid)
        if "views" in parts:
            from views import views

            yield from views(laid)
        # Last, because a scan is to be read among a million units.
        if "page" in parts:
            from pages import pages

            yield from pages(laid)
        if "live" in parts:
            from live import live

            yield from live(laid)
        if "board" in parts:
            from board import board

            yield from board(laid)
        if "search" in parts:
            from searching import searching

            yield from searching(laid)
    shutil.rmtree(home, ignore_errors=True)


def main(parts: list[str]) -> int:
    started = time.monotonic()
    rows: list[Row] = []
    for row in measured(
        set(parts) or {"identify", "post", "views", "page", "count", "box", "live", "board", "search"}
    ):
        rows.append(row)
        print(f"{row.name}: {row.ours:,.1f} / {row.floor:,.1f} {row.unit} = {row.ratio:.2f}", flush=True)
    save(rows, ROOT / "build" / "bench.json")
    print(f"\n{table(rows)}\n\n{time.monotonic() - started:.0f} s, scale {scale():g}")
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What a page costs beside a bare view, measured in turns: what else the machine does falls on both alike, and cancels out."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Page

# What a bare view costs a browser while nothing else runs, ms.
QUIET_MS = 8
# So many bare views make one turn: it takes about as long as a scan, and meets as much of the load.
VIEWS = 4
BARE = """
async (views) => {
  const began = performance.now();
  for (let view = 0; view < views; view += 1) await (await fetch("/healthz")).text();
  return (performance.now() - began) / views;
}
"""


def bare_turn(page: Page) -> float:
    """One turn of bare views: ms a view. From a page of its own, for what the measured page does must not stretch its budget."""
    return float(page.evaluate(BARE, VIEWS))


@dataclass(frozen=True, slots=True)
class Quiet:
    """What scans would have taken on a quiet machine, ms, and by how much theirs was busier."""

    median: float
    late: float
    busy: float


def quiet(took: Sequence[float], turns: Sequence[float]) -> Quiet:
    """Each scan set against the busier of the turns right before and right after it. ``turns`` is one longer than ``took``;
    ``late`` is the 95th of a hundred. A turn that was quicker than quiet makes nothing slower. Pure."""
    assert len(turns) == len(took) + 1
    busy = [max(1.0, before / QUIET_MS, after / QUIET_MS) for before, after in pairwise(turns)]
    alone = [each / factor for each, factor in zip(took, busy, strict=True)]
    return Quiet(statistics.median(alone), statistics.quantiles(alone, n=20)[-1], statistics.median(busy))

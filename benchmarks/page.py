"""The page of a report with very many alerts: its size, the time to write it, and the time to open it in a browser."""

import statistics
import tempfile
import time
from pathlib import Path

from alert_responder.page.bounds import MAX_PAGE_BYTES
from alert_responder.page.renderer import render
from benchmarks.results import Result
from tests.fakes.browser import browser, missing
from tests.fakes.pages import storm

ALERTS = 10_000
SECONDS = 1.0
_RUNS = 9


def measure() -> list[Result]:
    """Write the page in a new process and again, and open it on a desktop and a phone, each in a new browser."""
    storm_page = storm(ALERTS)
    begun = time.process_time()
    page = render(storm_page)
    first = time.process_time() - begun
    begun = time.process_time()
    render(storm_page)
    again = time.process_time() - begun
    size = Result(
        26,
        f"page of a report of {ALERTS:,} alerts",
        MAX_PAGE_BYTES / 1e6,
        len(page) / 1e6,
        "MB",
        beside={"writing the first [ms]": 1000 * first, "writing another [ms]": 1000 * again},
    )
    return [size] if missing() else [size, *_opened(page)]


def _opened(page: bytes) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        path = Path(folder, "page.html")
        path.write_bytes(page)
        rows = [[chromium.open(path, width).seconds[1] for width in (1280, 360)] for _ in range(_RUNS)]
    return [
        Result(
            26,
            f"that page opened in Chromium, {screen}",
            SECONDS,
            statistics.median(times),
            "s",
            beside={"slowest [s]": max(times)},
        )
        for screen, times in zip(("desktop", "phone"), zip(*rows, strict=True), strict=True)
    ]

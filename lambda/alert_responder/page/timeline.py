"""The timeline: arrivals of alerts and steps of the report, as coordinates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import TimelineEntry
from alert_responder.page.times import display_ms, duration

WIDTH, HEIGHT = 1_000, 100
"""Size of the drawing in its own units. It is stretched to the width of the page, so that its texts are outside."""

MOST_SINGLE = 60
"""Maximum number of alerts drawn one by one, and of bars in the histogram of more alerts."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
_MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram, or a single alert; `what` describes it."""

    x: float
    y: float
    width: float
    height: float
    what: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of the report."""

    x: float
    what: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing and its texts.

    Attributes
    ----------
    is_histogram
        False: each bar is one alert.
    first, last
        Ends of the timeline, in UTC.
    summary
        Description in one sentence.
    """

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    is_histogram: bool
    first: str
    last: str
    summary: str


def timeline(arrivals: Sequence[int], entries: Iterable[TimelineEntry]) -> Timeline | None:
    """Lay out the timeline; return None if no alert is known.

    Parameters
    ----------
    arrivals
        Arrival of each alert [ms since the epoch].
    entries
        Steps of the report; those without a valid time are left out.
    """
    if not arrivals:
        return None
    steps = [(at, entry.what) for entry in entries if (at := _milliseconds(entry.at)) is not None]
    first, last = min(arrivals), max(arrivals)
    begin, end = min([first, *(at for at, _ in steps)]), max([last, *(at for at, _ in steps)])
    if end == begin:
        begin, end = begin - 500, end + 500
    scale = (WIDTH - 2 * _MARGIN) / (end - begin)
    many = len(arrivals) > MOST_SINGLE
    bars, busiest = _histogram(arrivals, begin, end, scale) if many else (_single(arrivals, begin, scale), "")
    return Timeline(
        bars=bars,
        marks=tuple(Mark(round(_MARGIN + (at - begin) * scale, 1), f"{display_ms(at)} {what}") for at, what in steps),
        is_histogram=many,
        first=display_ms(begin),
        last=display_ms(end),
        summary=_summary(len(arrivals), first, last) + busiest,
    )


def _single(arrivals: Sequence[int], begin: int, scale: float) -> tuple[Bar, ...]:
    return tuple(
        Bar(round(_MARGIN + (at - begin) * scale - 2, 1), 12, 4, HEIGHT - 12, f"An alert at {display_ms(at)}")
        for at in sorted(arrivals)
    )


def _histogram(arrivals: Sequence[int], begin: int, end: int, scale: float) -> tuple[tuple[Bar, ...], str]:
    step = 1000 * next((step for step in _STEPS if (end - begin) / 1000 / step < MOST_SINGLE), _STEPS[-1])
    step = max(step, -(-(end - begin) // MOST_SINGLE))
    counts: dict[int, int] = {}
    for at in arrivals:
        counts[(at - begin) // step] = counts.get((at - begin) // step, 0) + 1
    most = max(counts.values())
    bars = tuple(
        Bar(
            x=round(_MARGIN + bin_ * step * scale, 1),
            y=round(HEIGHT - (HEIGHT - 4) * count / most, 1),
            # The last bin may reach beyond the end.
            width=round(max(min(step, end - begin - bin_ * step) * scale * 0.88, 2), 1),
            height=round((HEIGHT - 4) * count / most, 1),
            what=f"{count:,} from {display_ms(begin + bin_ * step)}",
        )
        for bin_, count in sorted(counts.items())
    )
    return bars, f" A bar is {duration(step)}; the highest is {most:,} alerts."


def _summary(count: int, first: int, last: int) -> str:
    if count == 1:
        return f"1 alert, at {display_ms(first)} UTC."
    return f"{count:,} alerts within {duration(last - first)}, the first at {display_ms(first)} UTC."


def _milliseconds(text: str) -> int | None:
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return None
    return None if time is None else int(time.timestamp() * 1000)

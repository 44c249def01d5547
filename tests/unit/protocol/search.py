"""How many examples the machine needs until it misses a rule of the protocol that is taken out.

    python -m tests.unit.protocol.search [NAME ...] [--seeds 5] [--examples 1000] [--seconds 600] [--jobs 2]

Writes a table: the median over the seeds, and each seed's; `-` where the bound was reached first. For before and after
whatever changes the machine. Without names it is about each mutant that has a schedule; the other ones are made up for.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.protocol import machine
from tests.unit.protocol.drawing import ANEW
from tests.unit.protocol.machine import STEPS_OF_AN_EXAMPLE, Machine, Schedule
from tests.unit.protocol.mutants import MUTANTS
from tests.unit.protocol.schedules import SCHEDULES


@dataclass(frozen=True)
class Bound:
    """The most examples and seconds of a search."""

    examples: int
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What a search came to.

    Attributes
    ----------
    examples
        How many were made, the last one included.
    found
        What the last one violated, and its schedule; None when the bound was reached.
    """

    examples: int
    found: tuple[str, Schedule] | None


class _EndError(BaseException):
    """The search is over: hypothesis lets it through, and neither repeats nor shrinks anything."""


def search(bound: Bound, number: int) -> Outcome:
    """Let the machine make examples until one finds a violation; the same seed `number` makes the same ones."""
    made, ends, over = 0, time.monotonic() + bound.seconds, False
    found: tuple[str, Schedule] | None = None

    class Counted(Machine):
        def __init__(self) -> None:
            nonlocal made, over
            over = made == bound.examples or time.monotonic() > ends
            if over:
                raise _EndError
            made += 1
            super().__init__()

        def _do(self, name: str, *arguments: Any) -> None:
            nonlocal found
            try:
                super()._do(name, *arguments)
            except Exception as error:
                found = (repr(error), list(machine.last))
                raise _EndError from error

    how = settings(
        backend=ANEW,
        max_examples=2 * bound.examples,  # Also those are counted that hypothesis discards.
        stateful_step_count=STEPS_OF_AN_EXAMPLE,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=False,
    )
    try:
        run_state_machine_as_test(seed(number)(Counted), settings=how)
    except _EndError:
        pass
    except Flaky:
        # What ends between two examples looks to hypothesis as if the machine had drawn less than before.
        if not over:
            raise
    return Outcome(made, found)


def search_without(name: str | None, bound: Bound, seeds: Iterable[int]) -> list[Outcome]:
    """Search the code without a rule, once for each seed; without a name, the code as it is."""
    with MUTANTS[name].applied() if name else nullcontext():
        return [search(bound, number) for number in seeds]


def row(name: str | None, outcomes: list[Outcome]) -> str:
    """Write a line of the table; where nothing was found, it counts as beyond every number."""
    needed = [outcome.examples if outcome.found else None for outcome in outcomes]
    median = statistics.median_high(sys.maxsize if one is None else one for one in needed)
    columns = [
        name or "(nothing)",
        MUTANTS[name].rule if name else "",
        "-" if median == sys.maxsize else str(median),
        ", ".join("-" if one is None else str(one) for one in needed),
    ]
    return f"| {' | '.join(columns)} |"


def main() -> None:
    """Search, and write the table line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a mutant, see mutants.py")
    parser.add_argument("--unchanged", action="store_true", help="search the code as it is instead")
    parser.add_argument("--seeds", type=int, default=5, help="searches of each (default: 5)")
    parser.add_argument("--first-seed", type=int, default=1, help="number of the first seed (default: 1)")
    parser.add_argument("--examples", type=int, default=1000, help="most examples of a search (default: 1000)")
    parser.add_argument("--seconds", type=float, default=600, help="most seconds of a search (default: 600)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that search at once (default: 2)")
    parser.add_argument("--verbose", action="store_true", help="also say what was violated, and by which schedule")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - MUTANTS.keys())
    if unknown:
        parser.error(f"there is no mutant {unknown[0]!r}, but: {', '.join(MUTANTS)}")
    names: list[str | None] = [None] if given.unchanged else list(given.names or SCHEDULES)
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    searching = partial(search_without, bound=Bound(given.examples, given.seconds), seeds=seeds)
    print("| Taken out | Rule | Median | Seeds |\n|---|---|---|---|")
    with ProcessPoolExecutor(given.jobs) as pool:
        for name, outcomes in zip(names, pool.map(searching, names), strict=True):
            print(row(name, outcomes), flush=True)
            for outcome in outcomes if given.verbose else ():
                print(f"    {outcome.examples}: {outcome.found}", flush=True)


if __name__ == "__main__":
    main()

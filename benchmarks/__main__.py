"""Measure the promises on speed and cost and print the results: ``python -m benchmarks [NUMBER ...]``.

NUMBER is the number of a promise: 4, 6, 17 to 23, 25 to 29, 35 or 36; the default is all. 4 and 17 to 19 apply the
local example to an emulated AWS. Results are also written to ``build/bench/*.json``. The exit code is 1 if a promise
is not met.
"""

import argparse
import sys

from rich.console import Console

from benchmarks import (
    accounts,
    backtest,
    calls,
    cold_start,
    distinct_keys,
    growth,
    large_report,
    latency,
    memory,
    page,
    policy,
    receptor,
    report_lists,
    simulation,
    slow_lookups,
    storm,
    throttled_storm,
)
from benchmarks.deployment import deployed, plugins
from benchmarks.results import Result, save, show

_ALONE = {
    4: throttled_storm,
    6: large_report,
    20: calls,
    21: receptor,
    22: cold_start,
    23: growth,
    25: report_lists,
    26: page,
    27: backtest,
    28: simulation,
    29: memory,
    35: policy,
    36: accounts,
}
_DEPLOYED = (17, 18, 19)
_CONCURRENCY = 6
_WIDTH = 125


def main() -> int:
    """Measure, save and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed and cost.")
    parser.add_argument(
        "numbers",
        nargs="*",
        type=int,
        metavar="NUMBER",
        help="a promise: 4, 6, 17 to 23, 25 to 29, 35, 36; default: all",
    )
    wanted = set(parser.parse_args().numbers) or {*_ALONE, *_DEPLOYED}
    results: list[Result] = []
    for number, module in _ALONE.items():
        if number in wanted:
            results += _saved(module.__name__, module.measure())
    if wanted & set(_DEPLOYED):
        results += _deployed(wanted)
    results.sort(key=lambda result: result.promise)
    console = Console()
    show(results, console if console.width >= _WIDTH else Console(width=_WIDTH))
    return 0 if all(result.met for result in results) else 1


def _deployed(wanted: set[int]) -> list[Result]:
    results: list[Result] = []
    with deployed(_CONCURRENCY) as (pipeline, emulator):
        if 17 in wanted:
            with plugins(pipeline, latency.INSPECTORS) as emitter:
                results += _saved("latency", latency.measure(pipeline, emitter))
        if wanted & {18, 19}:
            with plugins(pipeline) as emitter:
                if 18 in wanted:
                    results += _saved("storm", storm.measure(pipeline))
                if 19 in wanted:
                    results += _saved("distinct_keys", distinct_keys.measure(pipeline, emitter, emulator.pid))
                    results += _saved("slow_lookups", slow_lookups.measure(pipeline))
    return results


def _saved(name: str, results: list[Result]) -> list[Result]:
    save(name.rpartition(".")[2], results)
    return results


if __name__ == "__main__":
    sys.exit(main())

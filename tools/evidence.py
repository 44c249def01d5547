"""Write docs/evidence.md from the results of tests and benchmarks in build/: ``python -m tools.evidence``.

This module measures nothing. Tests and benchmarks without results in build/ are marked as not run.
"""

import json
import sys
import xml.etree.ElementTree as ET  # reads files of this project's tests  # nosec B405
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alert_responder_cli.terminal.counts import count
from tools.machine import machine
from tools.paths import BUILD, ROOT
from tools.promises import Promise, read_promises

DOCUMENT = ROOT / "docs" / "evidence.md"
TESTS = BUILD / "evidence"
FIGURES = BUILD / "bench"

_HEAD = """# Evidence

The project's promises, how they are checked, and the results. `make evidence` writes this file from `promises.toml`; do
not edit it.

Every check can fail, runs without AWS and without a network, and is in this repository. `make test` runs all listed
tests, except those called a long run, and fails if one of them fails. Figures are from one run on the machine named
below. Ratios compare two measurements of the same run, since a machine's speed varies.
"""


@dataclass(frozen=True)
class Tests:
    """Results of a promise's tests.

    Attributes
    ----------
    figures : tuple
        Values that the tests recorded, as `name: value`.
    """

    passed: int
    failed: int
    seconds: float
    figures: tuple[str, ...]

    def __str__(self) -> str:
        failed = f", **{self.failed} failed**" if self.failed else ""
        return f"{self.passed:,} passed{failed} in {self.seconds:,.0f} s"


def main() -> int:
    """Write the document; return 0 if every promise was checked and holds."""
    cases = list(_last_runs(sorted(TESTS.glob("*.xml"), key=lambda file: file.stat().st_mtime)))
    results = [result for file in sorted(FIGURES.glob("*.json")) for result in _read(file)["results"]]
    results += list(_scores(BUILD))
    here = machine()
    lines = [_HEAD, f"Machine: {count(int(here['cores']), 'core')}, {here['cpu']}, Python {here['python']}.", ""]
    section, holds = "", True
    for promise in read_promises():
        if promise.section != section:
            section = promise.section
            lines += [f"## {section}", ""]
        seen = tests_of(promise, cases)
        figures = [result for result in results if result["promise"] == promise.number]
        holds = holds and seen.failed == 0 and all(figure["met"] for figure in figures)
        holds = holds and bool(seen.passed or not promise.tests) and bool(figures or not promise.benchmark)
        lines += list(_lines(promise, seen, figures))
    DOCUMENT.write_text("\n".join(lines), encoding="utf-8")
    return 0 if holds else 1


def _last_runs(files: Iterable[Path]) -> Iterable[ET.Element]:
    """Read test results, oldest file first: only the last run of a test counts."""
    found: dict[tuple[str | None, str | None], ET.Element] = {}
    for file in files:
        for case in ET.parse(file).iter("testcase"):  # noqa: S314 # nosec B314
            found[case.get("classname"), case.get("name")] = case
    return found.values()


def _scores(folder: Path) -> Iterator[dict[str, Any]]:
    """Return the results of `make mutation` and `make coverage` in the form of benchmark results."""
    at_least = {"promise": 15, "unit": "%", "at_least": True, "beside": {}}
    if (folder / "mutation.json").is_file():
        for row in _read(folder / "mutation.json"):
            score = row["score"]
            what = f"changes noticed in {row['group']}, of {row['mutants']:,}"
            yield {**at_least, "what": what, "limit": 85, "measured": score, "met": score >= 85}
    if (folder / "coverage.json").is_file():
        covered = _read(folder / "coverage.json")["totals"]["percent_covered"]
        yield {**at_least, "what": "lines run", "limit": 95, "measured": covered, "met": covered >= 95}


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def tests_of(promise: Promise, cases: Iterable[ET.Element]) -> Tests:
    """Sum up the tests of a promise; a file stands for all tests in it, a folder for all tests below it."""
    wanted = tuple(path.removesuffix(".py").replace("/", ".") for path in promise.tests)
    mine = [case for case in cases if _is_below(case.get("classname", ""), wanted)]
    ended = [case for case in mine if case.find("skipped") is None]
    failed = [case for case in ended if case.find("failure") is not None or case.find("error") is not None]
    noted = [f"{each.get('name')}: {each.get('value')}" for case in ended for each in case.iter("property")]
    seconds = sum(float(case.get("time", 0)) for case in ended)
    return Tests(len(ended) - len(failed), len(failed), seconds, tuple(dict.fromkeys(noted)))


def _is_below(name: str, wanted: Sequence[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in wanted)


def _lines(promise: Promise, seen: Tests, figures: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f"### {promise.number}. {promise.claim}"
    yield ""
    yield f"How: {promise.how}"
    yield ""
    if promise.tests:
        files = ", ".join(f"`{path}`" for path in promise.tests)
        yield f"- Tests: {files}: {seen}." if seen.passed + seen.failed else f"- Tests: {files}: **not run**."
        yield from (f"- {figure}." for figure in seen.figures)
    for figure in figures:
        sign, verdict = "at least" if figure["at_least"] else "at most", "met" if figure["met"] else "**not met**"
        yield (
            f"- {figure['what']}: **{figure['measured']:,.4g} {figure['unit']}**, limit {sign} "
            f"{figure['limit']:,g}: {verdict}{_beside(figure['beside'])}."
        )
    if promise.benchmark and not figures:
        yield "- Benchmark: **not run**."
    yield from (f"- {note}" for note in promise.notes)
    yield ""


def _beside(figures: dict[str, Any]) -> str:
    shown = [
        f"{name} {value:,.4g}" if isinstance(value, int | float) else f"{name} {value}"
        for name, value in figures.items()
    ]
    return f" ({'; '.join(shown)})" if shown else ""


if __name__ == "__main__":
    sys.exit(main())

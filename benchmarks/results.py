"""Results of benchmarks and the limits that were promised."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.machine import machine
from tools.paths import ROOT

FOLDER = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Result:
    """A measured figure and its promised limit.

    Attributes
    ----------
    promise : int
        Number of the promise.
    what : str
        What was measured.
    limit, measured : float
        The promised and the measured value, in `unit`.
    at_least : bool
        Whether the figure must be at least the limit; otherwise at most.
    beside : dict
        Further figures that explain the result.
    """

    promise: int
    what: str
    limit: float
    measured: float
    unit: str
    at_least: bool = False
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the limit is kept."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def ratio(self) -> float:
        """The used share of the limit; at most 1 if the limit is kept."""
        return self.limit / self.measured if self.at_least else self.measured / self.limit


def save(name: str, results: Sequence[Result]) -> Path:
    """Write results and a description of the machine to `build/bench/<name>.json`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    found = [{**asdict(result), "met": result.met, "ratio": round(result.ratio, 3)} for result in results]
    path.write_text(json.dumps({"machine": machine(), "results": found}, indent=2) + "\n", encoding="utf-8")
    return path


def show(results: Sequence[Result], console: Console) -> None:
    """Print results as a table, with their further figures."""
    here = machine()
    table = Table(title=f"{here['cores']} cores, {here['cpu']}, Python {here['python']}")
    for heading in ("", "promise", "limit", "measured", "share of limit", ""):
        table.add_column(heading, justify="right" if heading in {"limit", "measured", "share of limit"} else "left")
    for result in results:
        sign = "at least" if result.at_least else "at most"
        verdict = "[green]met[/]" if result.met else "[red]not met[/]"
        figures = (f"{sign} {result.limit:,g} {result.unit}", f"{result.measured:,.4g} {result.unit}")
        table.add_row(str(result.promise), result.what, *figures, f"{result.ratio:.2f}", verdict)
        for name, value in result.beside.items():
            shown = f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
            table.add_row("", f"  [dim]{escape(name)}[/]", "", f"[dim]{shown}[/]", "", "")
    console.print(table)

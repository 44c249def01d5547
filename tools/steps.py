"""Show progress step by step: live at a terminal, plain lines elsewhere."""

import contextlib
import time
from collections.abc import Generator

from rich.console import Console
from rich.text import Text

from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import UncroppedConsole


class Steps:
    """Prints steps and how long they take, and the results of checks.

    Parameters
    ----------
    console : Console
        Receives the output.
    """

    def __init__(self, console: Console):
        self.console = console

    @contextlib.contextmanager
    def step(self, what: str) -> Generator[None]:
        """Show a step while it runs and when it is done; if it raises an exception, mark it as failed."""
        start = time.monotonic()
        if not self.console.is_terminal:
            self.console.print(Text(f"  … {what}"))
        try:
            with self.console.status(Text(what)) if self.console.is_terminal else contextlib.nullcontext():
                yield
        except BaseException:
            self.console.print(Text(f"  ✗ {what}", style="red"))
            raise
        took = f"{time.monotonic() - start:.1f} s"
        self.console.print(Text(f"  ✓ {what}", style="green").append(f"  {took}", style="dim"))

    def heading(self, text: str) -> None:
        """Print the heading of a section."""
        self.console.print()
        self.console.rule(Text(text, style="bold"), align="left", style="dim")

    def check(self, good: bool, what: str) -> bool:
        """Print the result of a check and return it."""
        self.console.print(Text(f"  {'✓' if good else '✗'} {plain(what)}", style="green" if good else "bold red"))
        return good


def make_console() -> Console:
    """Make a console that does not interpret markup or emoji, and is 120 columns wide without a terminal."""
    console = UncroppedConsole(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console = UncroppedConsole(markup=False, emoji=False, highlight=False, width=120, force_terminal=False)
    return console

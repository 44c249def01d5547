"""``make demo``: run everything on this machine, show what happens, check it, and leave nothing behind."""

import json
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.live import Live
from rich.text import Text

from tools.demo import records
from tools.demo.checks import EXPECTED_REPORTS, check_rejected, check_reports
from tools.emulator import Emulator
from tools.errors import ToolError
from tools.installation import Installation, LocalExample
from tools.plain import plain
from tools.reading import Reader, Standing
from tools.sending import send
from tools.showing import line, report_panel, standings_table
from tools.steps import Steps, make_console

_DEADLINE_SECONDS = 150
_PAGER_FAILURES = 1


def main() -> int:
    """Run the demonstration.

    Returns
    -------
    int
        0 when everything expected has happened, 1 when not, 130 when it was interrupted.
    """
    steps = Steps(make_console())
    signal.signal(signal.SIGTERM, _end)
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alert-responder-demo-")))
            installation = _install(steps, stack, folder)
            good = _play(steps, installation)
    except ToolError as error:
        steps.console.print(Text(str(error), style="red"))
        return 1
    except KeyboardInterrupt:
        steps.console.print(Text("Interrupted; everything was removed.", style="yellow"))
        return 130
    steps.console.print()
    if not good:
        steps.console.print(
            Text("Not everything was as expected, see above. Everything was removed.", style="bold red")
        )
        return 1
    steps.console.print(
        Text("All as expected. Everything was removed. 'make up' leaves it running.", style="bold green")
    )
    return 0


def _install(steps: Steps, stack: ExitStack, folder: Path) -> Installation:
    steps.heading("An AWS account on this machine")
    emulator = Emulator()
    with steps.step("Start the emulated AWS, with IAM enforced"):
        stack.enter_context(emulator)
    example = LocalExample(emulator.account, folder)
    with steps.step("Apply examples/local with Terraform: the module, two inspectors, a reviewer, two emitters"):
        return example.apply()


def _play(steps: Steps, installation: Installation) -> bool:
    steps.heading("Alerts come in")
    reader = Reader(installation)
    rejects = records.malformed()
    with steps.step(f"Tell the pager to fail {_PAGER_FAILURES} time for each page"):
        control = json.dumps({"failures": _PAGER_FAILURES}).encode()
        installation.client("s3").put_object(Bucket=installation.emitter_bucket, Key="control/pager.json", Body=control)
    for what, batch in (
        ("Send a GuardDuty finding: an instance asks for the name of a control server", [records.guardduty()]),
        ("Send one Security Hub event with two findings", [records.security_hub()]),
        ("Send an OCSF finding, whose domain no threat feed answers for", [records.ocsf()]),
        ("Send an alert in AlertResponder's own form, written by an attacker", [records.native()]),
        (f"Send a storm of {records.STORM_ALERTS} alerts of one rule and key", records.storm()),
        (f"Send {len(rejects)} records that are no alerts", rejects),
    ):
        with steps.step(what):
            send(installation, batch)
    steps.heading("What happens")
    standings, rejected = _watch(steps, reader, len(rejects))
    steps.heading("The reports")
    reports = {standing.report_id: reader.report(standing.report_id) for standing in standings}
    published = {report_id: report for report_id, report in reports.items() if report}
    for standing in standings:
        if standing.report_id in published:
            steps.console.print(report_panel(published[standing.report_id], standing))
    steps.heading(f"What was no alert, in the bucket {installation.archive_bucket}")
    for key, content in rejected.items():
        steps.console.print(line("  ", plain(key, 120)))
        steps.console.print(line("    ", plain(content.get("reason", ""), 200), style="yellow"))
    steps.heading("Is that right?")
    checks = [*check_reports(standings, published), check_rejected(rejected, len(rejects))]
    # All are shown, also after one that failed.
    failed = [what for good, what in checks if not steps.check(good, what)]
    return not failed


def _watch(steps: Steps, reader: Reader, rejects: int) -> tuple[list[Standing], dict[str, dict[str, object]]]:
    """Show how the reports come along until all is done, or time is up."""
    end = time.monotonic() + _DEADLINE_SECONDS
    start = time.monotonic()
    last: dict[str, str] = {}
    standings: list[Standing] = []
    rejected: dict[str, dict[str, object]] = {}
    with Live(console=steps.console, refresh_per_second=4) if steps.console.is_terminal else ExitStack() as live:
        while time.monotonic() < end:
            standings, rejected = reader.standings(), reader.rejected()
            if isinstance(live, Live):
                live.update(standings_table(standings))
            for standing in standings:
                now = f"{standing.alert_count} alerts, {standing.step()}"
                if last.get(standing.report_id) != now and not isinstance(live, Live):
                    steps.console.print(
                        line(f"  {time.monotonic() - start:5.1f} s  ", plain(standing.title, 50), f": {now}")
                    )
                last[standing.report_id] = now
            if len(standings) >= EXPECTED_REPORTS and len(rejected) >= rejects and all(s.settled for s in standings):
                break
            time.sleep(0.3)
    if not steps.console.is_terminal:
        steps.console.print(standings_table(standings))
    return standings, rejected


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

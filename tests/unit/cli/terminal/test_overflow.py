"""The command line explains an overflow report."""

import io

from rich.console import Console

from alert_responder_cli.terminal.render import alerts
from tests.unit.usecases.test_admission import NOON, event, flood
from tests.unit.usecases.test_overflow_reports import installation, overflow_report


def test_report_explains_an_overflow_report() -> None:
    made = installation()
    made.now = NOON
    made.receive(*flood(2), event(2, "host2", NOON + 2), event(3, "host3", NOON + 3))
    made.run_and_sweep()
    console = Console(width=200, record=True, file=io.StringIO())

    for part in alerts(overflow_report(made)):
        console.print(part)

    assert console.export_text().strip().splitlines()[:2] == [
        "2 alerts of different incidents, beyond the limit of 2 new reports per hour of this detector",
        "  detector edr, rule beacon, key host2",
    ]

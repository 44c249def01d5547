"""``make demo``: run everything on this machine, show what happens, check it, and leave nothing behind."""

import json
import signal
import sys
from contextlib import ExitStack
from types import FrameType
from typing import Any, NoReturn

from rich.padding import Padding
from rich.text import Text

from alert_responder_cli.errors import CommandError
from alert_responder_cli.records.put import put
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count
from tools import saved_installations
from tools.demo import records
from tools.demo.checks import EXPECTED_REPORTS, check_incidents, check_pages, check_rejected, check_reports
from tools.demo.notifications import check_notified, show_notified
from tools.demo.progress import watch
from tools.errors import ToolError
from tools.installation import Installation
from tools.report_display import line, report_panel
from tools.report_reader import Reader
from tools.saved_installations import Recipe
from tools.services import Services
from tools.steps import Steps, make_console

_PAGER_FAILURES = 1

_NEXT = """
Try next:
  make up                        the same, left running: send it your alerts
  make up INSPECTOR=whois.py     with an inspector of yours
  make down                      ends it
  docs/contracts.md              how to write a plug-in
  README.md                      how to install it in an AWS account"""


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
            notified = stack.enter_context(Services())
            installation = _install(steps, stack, notified)
            good = _play(steps, installation, notified)
    except (ToolError, CommandError) as error:
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
    steps.console.print(Text("All as expected. Everything was removed.", style="bold green"))
    steps.console.print(Text(_NEXT))
    return 0


def _install(steps: Steps, stack: ExitStack, notified: Services) -> Installation:
    steps.heading("An AWS account on this machine")
    # Every function is a process here, which begins slowly where many begin at once.
    variables = {"context_inspectors": True, "inspection_timeout_seconds": 40}
    recipe = Recipe(
        variables,
        lambda account: {"services": notified.variables(account)},
        f"the imitations {sorted(notified.serving)}",
        notified.addresses(),
    )
    if saved_installations.is_saved(recipe):
        steps.console.print(Text("  An earlier run with the same code applied it, and saved the result."))
    else:
        what = "apply examples/local with Terraform: the module and ten plug-ins"
        with steps.step(f"Start an emulated AWS with IAM enforced, and {what}"):
            saved_installations.save(recipe)
    with steps.step("Start the emulated AWS with everything in it"):
        return stack.enter_context(saved_installations.started(recipe)).installation


def _play(steps: Steps, installation: Installation, notified: Services) -> bool:
    steps.heading("Alerts come in")
    reader = Reader(installation)
    s3 = installation.client("s3")
    rejects = records.malformed()
    with steps.step(f"Tell the pager to fail {count(_PAGER_FAILURES, 'time')} for each page"):
        control = json.dumps({"failures": _PAGER_FAILURES}).encode()
        s3.put_object(Bucket=installation.emitter_bucket, Key="control/pager.json", Body=control)
    with steps.step("Start the instance that alerts are to come from"):
        instance = _instance(installation)
    finding = records.guardduty(instance=instance)
    for what, batch in (
        (
            "Send a GuardDuty finding: an instance asks for the name of a control server",
            [finding],
        ),
        ("Send one Security Hub event with two findings", [records.security_hub()]),
        ("Send an OCSF finding, whose domain no threat feed answers for", [records.ocsf()]),
        ("Send an alert in AlertResponder's own form, written by an attacker", [records.native()]),
        (f"Send a storm of {count(records.STORM_ALERTS, 'alert')} of one rule and key", records.storm()),
        (f"Send {count(len(rejects), 'record')} that cannot be parsed as alerts", rejects),
    ):
        with steps.step(what):
            put(installation.client("kinesis"), installation.stream, batch)
    steps.heading("What happens")
    watch(
        steps,
        reader,
        lambda statuses, rejected: (
            len(statuses) >= EXPECTED_REPORTS and len(rejected) >= len(rejects) and all(s.settled for s in statuses)
        ),
    )
    steps.heading("The instance goes on")
    with steps.step("Send GuardDuty's update of the same finding: another name is asked for"):
        finding = records.guardduty("mirror.example.net", instance)
        put(installation.client("kinesis"), installation.stream, [finding])
    statuses, rejected = watch(
        steps,
        reader,
        lambda statuses, _: all(s.settled for s in statuses) and any(s.reviewed_round > 1 for s in statuses),
    )
    steps.heading("The reports")
    reports = {status.report_id: reader.report(status.report_id) for status in statuses}
    published = {report_id: report for report_id, report in reports.items() if report}
    for status in statuses:
        if status.report_id in published:
            steps.console.print(report_panel(published[status.report_id], status))
    steps.heading("What the notifiers' services were told")
    show_notified(steps, notified)
    steps.heading(f"What was no alert, in the bucket {installation.archive_bucket}")
    for key, content in rejected.items():
        steps.console.print(Padding(line(plain(key, 120)), (0, 0, 0, 2)))
        for reject in content["rejects"]:
            steps.console.print(Padding(line(plain(reject["reason"], 200), style="yellow"), (0, 0, 0, 4)))
    steps.heading("Is that right?")
    checks = [
        *check_reports(statuses, published),
        check_pages({status.report_id: reader.page(status.report_id) for status in statuses}),
        check_incidents(_pages(installation)),
        check_rejected(rejected, len(rejects)),
        *check_notified(notified, statuses),
    ]
    # All are shown, also after one that failed.
    failed = [what for good, what in checks if not steps.check(good, what)]
    return not failed


def _instance(installation: Installation) -> str:
    """Start an instance with an owner in the emulated account, and return its id."""
    tags = [{"Key": "Name", "Value": "shop-web-3"}, {"Key": "Owner", "Value": "shop team"}]
    started = installation.client("ec2").run_instances(
        ImageId="ami-0abcdef1234567890",
        InstanceType="c7g.large",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    found: str = started["Instances"][0]["InstanceId"]
    return found


def _pages(installation: Installation) -> list[dict[str, Any]]:
    """Read what the example's pager keeps of its pages."""
    s3 = installation.client("s3")
    found = s3.list_objects_v2(Bucket=installation.emitter_bucket, Prefix="pager/").get("Contents", [])
    objects = [s3.get_object(Bucket=installation.emitter_bucket, Key=entry["Key"]) for entry in found]
    return [json.load(entry["Body"]) for entry in objects]


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

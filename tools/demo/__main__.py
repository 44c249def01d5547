"""``make demo``: run everything on this machine, show and check the results, and remove everything."""

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
  make up                        start it and keep it running, to send your own alerts
  make up INSPECTOR=whois.py     attach your own inspector
  make down                      stop it
  docs/plug-ins.md               write a plug-in
  README.md                      install it in an AWS account"""


def main() -> int:
    """Run the demonstration.

    Returns
    -------
    int
        0 if all checks passed, 1 if not, 130 if it was interrupted.
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
        steps.console.print(Text("Interrupted. Everything was removed.", style="yellow"))
        return 130
    steps.console.print()
    if not good:
        steps.console.print(Text("Some checks failed, see above. Everything was removed.", style="bold red"))
        return 1
    steps.console.print(Text("All checks passed. Everything was removed.", style="bold green"))
    steps.console.print(Text(_NEXT))
    return 0


def _install(steps: Steps, stack: ExitStack, notified: Services) -> Installation:
    steps.heading("Set up an AWS account on this machine")
    # Every function is a process here, and many processes that start at once start slowly.
    variables = {"context_inspectors": True, "inspection_timeout_seconds": 40}
    recipe = Recipe(
        variables,
        lambda account: {"services": notified.variables(account)},
        f"the imitations {sorted(notified.serving)}",
        notified.addresses(),
    )
    if saved_installations.is_saved(recipe):
        steps.console.print(Text("  Using the installation that an earlier run of the same code saved."))
    else:
        what = "apply examples/local with Terraform: the module and ten plug-ins"
        with steps.step(f"Start an emulated AWS with IAM enforced and {what}"):
            saved_installations.save(recipe)
    with steps.step("Start the emulated AWS with the installation"):
        return stack.enter_context(saved_installations.started(recipe)).installation


def _play(steps: Steps, installation: Installation, notified: Services) -> bool:
    steps.heading("Send alerts")
    reader = Reader(installation)
    s3 = installation.client("s3")
    rejects = records.malformed()
    with steps.step(f"Make the pager fail {count(_PAGER_FAILURES, 'time')} for each page"):
        control = json.dumps({"failures": _PAGER_FAILURES}).encode()
        s3.put_object(Bucket=installation.emitter_bucket, Key="control/pager.json", Body=control)
    with steps.step("Start the EC2 instance that the alerts are about"):
        instance = _instance(installation)
    finding = records.guardduty(instance=instance)
    for what, batch in (
        (
            "Send a GuardDuty finding: the instance looks up a command-and-control server",
            [finding],
        ),
        ("Send one Security Hub event with two findings", [records.security_hub()]),
        ("Send an OCSF finding with a domain for which the threat feed fails", [records.ocsf()]),
        ("Send an alert in AlertResponder's native format, written by an attacker", [records.native()]),
        (f"Send {count(records.STORM_ALERTS, 'alert')} with the same rule and key", records.storm()),
        (f"Send {count(len(rejects), 'record')} that cannot be parsed as alerts", rejects),
    ):
        with steps.step(what):
            put(installation.client("kinesis"), installation.stream, batch)
    steps.heading("Watch the reports")
    watch(
        steps,
        reader,
        lambda statuses, rejected: (
            len(statuses) >= EXPECTED_REPORTS and len(rejected) >= len(rejects) and all(s.settled for s in statuses)
        ),
    )
    steps.heading("Send an update")
    with steps.step("Send GuardDuty's update of the same finding: the instance looks up another domain"):
        finding = records.guardduty("mirror.example.net", instance)
        put(installation.client("kinesis"), installation.stream, [finding])
    statuses, rejected = watch(
        steps,
        reader,
        lambda statuses, _: all(s.settled for s in statuses) and any(s.reviewed_round > 1 for s in statuses),
    )
    steps.heading("Reports")
    reports = {status.report_id: reader.report(status.report_id) for status in statuses}
    published = {report_id: report for report_id, report in reports.items() if report}
    for status in statuses:
        if status.report_id in published:
            steps.console.print(report_panel(published[status.report_id], status))
    steps.heading("Notifications")
    show_notified(steps, notified)
    steps.heading(f"Rejected records in the bucket {installation.archive_bucket}")
    for key, content in rejected.items():
        steps.console.print(Padding(line(plain(key, 120)), (0, 0, 0, 2)))
        for reject in content["rejects"]:
            steps.console.print(Padding(line(plain(reject["reason"], 200), style="yellow"), (0, 0, 0, 4)))
    steps.heading("Checks")
    checks = [
        *check_reports(statuses, published),
        check_pages({status.report_id: reader.page(status.report_id) for status in statuses}),
        check_incidents(_pages(installation)),
        check_rejected(rejected, len(rejects)),
        *check_notified(notified, statuses),
    ]
    # Shows all checks, including those after a failed one.
    failed = [what for good, what in checks if not steps.check(good, what)]
    return not failed


def _instance(installation: Installation) -> str:
    """Start an instance that has an owner tag, and return its id."""
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
    """Read the pages that the example's pager has stored."""
    s3 = installation.client("s3")
    found = s3.list_objects_v2(Bucket=installation.emitter_bucket, Prefix="pager/").get("Contents", [])
    objects = [s3.get_object(Bucket=installation.emitter_bucket, Key=entry["Key"]) for entry in found]
    return [json.load(entry["Body"]) for entry in objects]


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

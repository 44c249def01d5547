"""Send one test alert through a whole installation, and follow its report to each emitter.

The report is a test because of a mark that is written with the operator's rights; see `domain.doctor_mark`.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.alert import Alert
from alert_responder.domain.doctor_mark import DETECTOR, RULE_ID
from alert_responder.domain.plugin_answers import UNANSWERED
from alert_responder.store import keys
from alert_responder.store.table import NEW, Put
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.doctor.examination import Check, Verdict
from alert_responder_cli.plugins.registry import registered
from alert_responder_cli.records.put import put
from alert_responder_cli.reports.status import ReportStatus, StoredReport, read_stored_report
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.times import now

VALID_SECONDS = 15 * 60
"""How long the mark makes the report a test [s]."""

CLOCK_SKEW_SECONDS = 5 * 60
"""How far this machine's clock may be ahead of that of AWS [s]; AWS refuses requests beyond that."""

ARRIVAL_SECONDS = 3 * 60
"""How long to wait for the report [s]."""

MAX_DELAY_SECONDS = 8 * 60
"""Longest `inspection_delay_seconds` with which a report is surely reviewed while its mark is valid [s]."""

_DELAY = re.compile(r"round = 1 \? ([0-9]+)")


def end_to_end(
    installation: Installation, clock: Callable[[], int] = now, wait: Callable[[float], None] = time.sleep
) -> Iterator[Verdict]:
    """Send the test alert, follow its report until it is settled, and delete the mark."""
    delay = _inspection_delay(installation)
    if delay > MAX_DELAY_SECONDS:
        yield Verdict(
            "warning",
            f"No test alert was sent: reports wait {delay} s before they are inspected (inspection_delay_seconds).",
            f"Set inspection_delay_seconds to at most {MAX_DELAY_SECONDS} for the test, which is valid for 15 minutes.",
        )
        return
    with explain_aws_errors():
        yield from _Test(installation, clock, wait).run()


class _Test:
    def __init__(self, installation: Installation, clock: Callable[[], int], wait: Callable[[float], None]) -> None:
        self._installation, self._clock, self._wait = installation, clock, wait
        self._client = installation.client("dynamodb")
        self._table = DynamoDBTable(self._client, installation.table)
        self._document = _test_alert(secrets.token_hex(16))
        self._alert_id = Alert.model_validate(self._document).alert_id
        self._mark = keys.test_mark(self._alert_id)

    def run(self) -> Iterator[Verdict]:
        expires = self._clock() + VALID_SECONDS * 1000
        mark = {"valid_from": self._clock() - CLOCK_SKEW_SECONDS * 1000, "expires_at": expires // 1000}
        self._table.write(Put(self._mark, mark, NEW))
        put(self._installation.client("kinesis"), self._installation.stream, [json.dumps(self._document).encode()])
        sent = self._clock()
        report_id = self._until(self._report_id, bool, sent + ARRIVAL_SECONDS * 1000)
        if report_id is None:
            yield Verdict(
                "problem",
                f"The test alert was sent, and is in no report after {ARRIVAL_SECONDS // 60} minutes.",
                "Look at the findings above, and at the receptor's log. After 15 minutes the alert is handled as any "
                "other.",
            )
            return
        yield Verdict("ok", f"The test alert is in the report {report_id}.", "", self._since(sent))
        stored = self._until(lambda: read_stored_report(self._table, report_id), _is_finished, expires)
        settled = self._since(sent)
        if stored is None:
            yield Verdict("problem", f"The report {report_id} cannot be read.", "Report this as a bug.")
            return
        yield from _steps(self._installation, stored)
        status = stored.status
        if status.head.state == "open":
            yield Verdict(
                "problem",
                f"The report {report_id} is not settled after 15 minutes: {status.step()}.",
                f"Look at alert-responder report {report_id}, and at the executions of the state machine.",
            )
            return
        # Only now: until the report is settled, its rounds read the mark.
        self._client.delete_item(
            TableName=self._installation.table, Key={"pk": {"S": self._mark.pk}, "sk": {"S": self._mark.sk}}
        )
        if status.settled:
            yield Verdict("ok", "The report is settled; its mark is deleted.", "", settled)
        else:
            yield Verdict(
                "problem",
                f"The report {report_id} failed: three of its rounds ended early.",
                f"Run alert-responder failures list, and look at alert-responder report {report_id}.",
            )

    def _report_id(self) -> str | None:
        window = self._table.get(keys.window(self._alert_id))
        return window["report_id"] if window else None

    def _until(self, read: Callable[[], Any], done: Callable[[Any], bool], end: int) -> Any:
        while not done(value := read()) and self._clock() < end:
            self._wait(1.0)
        return value

    def _since(self, start: int) -> float:
        return (self._clock() - start) / 1000


def _test_alert(nonce: str) -> dict[str, Any]:
    return {
        "detector": DETECTOR,
        "rule_id": RULE_ID,
        "rule_name": "End-to-end test of alert-responder doctor",
        "alert_key": nonce,
        "description": "This alert tests the installation. It is not about an incident.",
        "attributes": [
            {"type": "domain", "key": "test domain", "value": "example.com", "context": ["remote"]},
            {"type": "ipaddr", "key": "test address", "value": "192.0.2.1", "context": ["remote"]},
        ],
    }


def _inspection_delay(installation: Installation) -> int:
    machine = installation.client("stepfunctions").describe_state_machine(stateMachineArn=installation.workflow_arn)
    found = _DELAY.search(machine["definition"])
    return int(found[1]) if found else 0


def _is_finished(stored: StoredReport | None) -> bool:
    return stored is not None and stored.status.head.state != "open"


def _steps(installation: Installation, stored: StoredReport) -> Iterator[Verdict]:
    """Describe what happened to the report, in order; times are seconds after the alert arrived."""
    status, meta = stored.status, stored.others[keys.META]
    timings, opened = meta.get("timings", {}), status.head.opened

    def after(at: int | None) -> float | None:
        return (int(at) - opened) / 1000 if at else None

    if "planned" in timings:
        yield Verdict("ok", f"Round {meta['round']} was planned.", "", after(timings["planned"]))
    yield from _lookups(status, after)
    if status.reviewed_round == 0:
        return
    yield _review(stored, after)
    if not meta.get("test"):
        yield Verdict(
            "problem",
            "The report was not handled as a test, but as any other.",
            "Either the installed version is older than this command, the review came more than 15 minutes after the "
            f"alert, or somebody else sent an alert of the detector {DETECTOR}.",
        )
    yield from _deliveries(installation, status, after)


_After = Callable[[int | None], float | None]


def _lookups(status: ReportStatus, after: _After) -> Iterator[Verdict]:
    if not status.tasks:
        yield Verdict("ok", "No lookup was made: no inspector takes the domain or the address of the test alert.")
    for lookup in status.tasks:
        what = f"the {lookup.task['attribute']['type']} by {lookup.inspector}"
        if lookup.outcome is None or lookup.outcome in UNANSWERED:
            yield Verdict(
                "problem",
                f"The lookup of {what} ended as {lookup.outcome or 'open'}.",
                f"Find the reason in alert-responder report {status.report_id}.",
                after(lookup.ended),
            )
        else:
            yield Verdict("ok", f"The lookup of {what} ended as {lookup.outcome}.", "", after(lookup.ended))


def _review(stored: StoredReport, after: _After) -> Verdict:
    status = stored.status
    review = stored.others[max(sk for sk in stored.others if sk.startswith("review/"))]
    called = review.get("outcome")
    compiled = stored.others[keys.META].get("timings", {}).get("compiled")
    seconds = after(compiled and compiled + review.get("took", 0))
    if called == "ok":
        return Verdict("ok", f"The reviewer rated the report {status.severity}.", "", seconds)
    if called is None:
        return Verdict(
            "warning",
            "No reviewer was called: the report is unclassified.",
            "Attach one with modules/reviewer.",
            seconds,
        )
    return Verdict(
        "problem",
        f"The review ended as {called}: the report is unclassified.",
        f"Find the reason in alert-responder report {status.report_id}.",
        seconds,
    )


def _deliveries(installation: Installation, status: ReportStatus, after: _After) -> Iterator[Verdict]:
    for delivery in status.deliveries:
        if delivery.outcome == "ok":
            yield Verdict("ok", f"The delivery to {delivery.emitter} ended as ok.", "", after(delivery.ended))
        else:
            yield Verdict(
                "problem",
                f"The delivery to {delivery.emitter} ended as {delivery.outcome or 'open'} after "
                f"{count(delivery.attempts, 'attempt')}.",
                f"Find the reason in alert-responder report {status.report_id}.",
                after(delivery.ended),
            )
    if status.is_suppressed:
        yield Verdict(
            "warning",
            f"No emitter is notified: the reviewer suppressed the test report by {status.suppressed}.",
            "Restrict the suppression, so that the test shows whether emitters are notified.",
        )
        return
    notified = {delivery.emitter for delivery in status.deliveries}
    for kind, plugin in registered(installation):
        if kind == "emitter" and plugin.enabled and plugin.name not in notified:
            yield Verdict("ok", f"The emitter {plugin.name} is not notified: its filter excludes the report.")


CHECKS = (
    Check(
        "end-to-end",
        (
            "states:DescribeStateMachine",
            "dynamodb:PutItem",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:DeleteItem",
            "kinesis:PutRecords",
        ),
        end_to_end,
    ),
)

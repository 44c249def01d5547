"""Show and check the messages that the ready-made emitters sent to the imitated GitHub, PagerDuty and Slack."""

from collections.abc import Iterator, Sequence

from rich.padding import Padding

from alert_responder.store.items import unpack
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count
from tools.report_display import line
from tools.report_reader import ReportStatus
from tools.services import Services
from tools.steps import Steps


def show_notified(steps: Steps, notified: Services) -> None:
    """Print a line for each message, incident and issue."""
    for title, lines in (
        ("Slack", _slack(notified)),
        ("PagerDuty", _pagerduty(notified)),
        ("GitHub", _github(notified)),
    ):
        steps.console.print(Padding(line(title, style="bold"), (0, 0, 0, 2)))
        for text in lines:
            steps.console.print(Padding(line(plain(text, 200)), (0, 0, 0, 4)))


def check_notified(notified: Services, statuses: Sequence[ReportStatus]) -> Iterator[tuple[bool, str]]:
    """Check that each report has one notification, which later rounds update."""
    reports = len(statuses)
    messages, issues = notified.slack.messages, notified.github.issues
    edited = sum(bool(message.get("edited")) for message in messages)
    yield (
        len(messages) == reports and edited >= 1,
        f"Slack has one message for each report ({len(messages)} of {reports}); the second round edited its message.",
    )
    incidents = notified.pagerduty.incidents
    yield (
        [len(incident.events) for incident in incidents] == [2],
        "PagerDuty has one incident, for the urgent report; the second round updated it.",
    )
    comments = sorted(map(len, notified.github.comments.values()))
    yield (
        len(issues) == reports and comments[-1:] == [2],
        f"GitHub has one issue for each report ({len(issues)} of {reports}), with a comment for each round.",
    )
    tasks = [task for status in statuses for task in status.tasks if task.inspector == "aws-context"]
    owners = str([unpack(task.answer) for task in tasks if task.answer])
    yield "shop team" in owners, "The aws-context inspector found the instance's owner in the account."
    seen = [task for status in statuses for task in status.tasks if task.inspector == "history"]
    yield (
        any(task.outcome in {"ok", "empty"} for task in seen),
        "The history inspector searched the installation's earlier reports.",
    )


def _slack(notified: Services) -> Iterator[str]:
    for message in notified.slack.messages:
        yield f"{message['text']}{' (edited)' if message.get('edited') else ''}"


def _pagerduty(notified: Services) -> Iterator[str]:
    for incident in notified.pagerduty.incidents:
        summary = incident.events[-1]["payload"]["summary"]
        yield f"{summary} ({incident.status}, {count(len(incident.events), 'event')})"


def _github(notified: Services) -> Iterator[str]:
    for issue in notified.github.issues:
        comments = notified.github.comments.get(issue["number"], [])
        yield f"#{issue['number']} {issue['title']} ({issue['state']}, {count(len(comments), 'comment')})"

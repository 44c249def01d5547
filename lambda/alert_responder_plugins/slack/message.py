"""A report as a message of Slack. Pure: equal reports make equal messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from alert_responder.contracts.inspection import Content
from alert_responder.contracts.primitives import Severity, parse_rfc3339
from alert_responder.contracts.report import Finding, Report, ReportedAttribute
from alert_responder.domain.completeness import missing
from alert_responder_plugins.common import summary
from alert_responder_plugins.common.sanitize import shortened
from alert_responder_plugins.slack.markup import Block, length, link, notice, plain_text, section, shown, shown_lines

MOST = 12_000
"""Longest message [characters]. Slack names no limit for all blocks of one, and refuses from about 13,000."""

LEAST = 3_000
"""Longest message [characters] where Slack has refused a longer one."""

MAX_FINDINGS = 30
"""How many findings have a block of their own; Slack takes 50 blocks."""

_FINDING = 1_000
_HEADER = 150
_FIELD = 200
_LINES = 40
_LINE = 300

_COLOURS: dict[Severity, str] = {"urgent": "#c62828", "unclassified": "#f9a825", "safe": "#2e7d32"}
_LAMPS: dict[Severity, str] = {"urgent": "\U0001f534", "unclassified": "\U0001f7e1", "safe": "\U0001f7e2"}

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted.

    Attributes
    ----------
    text
        What a notification shows.
    content
        Arguments of Slack's that are the message itself: `blocks`, and `attachments` for its colour.
    """

    text: str
    content: dict[str, Any]


def message_of(report: Report, most: int = MOST, updating: bool = True, page: str | None = None) -> Message:
    """Tell of a report.

    Parameters
    ----------
    most
        Longest message [characters]. What matters least is left out first, and the message says so.
    updating
        False: later rounds become messages of their own, which the message says.
    page
        Where the report's page is opened; None: nowhere.

    Returns
    -------
    Message
        Within Slack's limits; without any mention or mark-up, and without any link but that to the page.
    """
    head = summary.headline(report)
    blocks = [section(shown_lines(report.result.reason) or "No reason was given.", most // 4), _facts(report)]
    left = most - sum(map(_length, blocks)) - 1_000
    for more in (_findings(report, left * 2 // 3), _unanswered(report, left // 4), _attributes(report, left // 6)):
        blocks += more
        left -= sum(map(_length, more))
    blocks += _listed("Notes", report.notes, shown, max(left, 200))
    if page:
        blocks.append(link(page, "Open the report"))
    blocks.append(_foot(report, updating))
    attachment = {"color": _COLOURS[report.result.severity], "fallback": notice(head), "blocks": blocks}
    header = {"type": "header", "text": plain_text(f"{_LAMPS[report.result.severity]} {shown(head)}", _HEADER)}
    return Message(notice(head), {"blocks": [header], "attachments": [attachment]})


def change_of(report: Report, before: Severity) -> Message:
    """Tell in the thread that the severity has changed."""
    now = report.result.severity
    said = f"Round {report.round}: {before} is now {now}."
    reason = shown_lines(report.result.reason) or "No reason was given."
    return Message(notice(said), {"blocks": [section(f"{_LAMPS[now]} {said}\n{reason}", 3_000)]})


def _facts(report: Report) -> Block:
    counts = summary.counts(report)
    detectors = sorted({shown(alert.detector) for alert in report.alerts})
    facts = (
        ("Severity", report.result.severity),
        ("Alerts", f"{counts.alerts:,}"),
        ("Lookups", f"{counts.answered:,} of {counts.lookups:,} answered"),
        ("Malicious, suspicious", f"{counts.malicious:,}, {counts.suspicious:,}"),
        ("First alert", _time(report.created_at)),
        ("As of", _time(report.updated_at)),
        ("Detector", ", ".join(detectors) or "-"),
        ("Round", str(report.round)),
        *([("Not complete", f"{missing(report.omissions)} missing")] if not report.complete else []),
    )
    return {"type": "section", "fields": [plain_text(f"{name}\n{value}", _FIELD) for name, value in facts]}


def _findings(report: Report, most: int) -> list[Block]:
    findings = summary.weighed(report)
    blocks: list[Block] = []
    for finding in findings[:MAX_FINDINGS]:
        block = section(_finding(finding), _FINDING)
        if most < _length(block):
            break
        most -= _length(block)
        blocks.append(block)
    left_out = findings[len(blocks) :]
    if left_out:
        blocks.append(section(f"{len(left_out):,} more findings: {_verdicts(left_out)}.", 300))
    return blocks


def _finding(finding: Finding) -> str:
    verdict = summary.verdict_of(finding) or "found"
    told = [fact for content in finding.contents for fact in _facts_of(content)]
    lines = [f"  {shown(name, 60)}: {shown(value, _LINE)}" for name, value in told[:_LINES]]
    more = [f"  {len(told) - _LINES:,} more"] if len(told) > _LINES else []
    return "\n".join([f"{verdict}: {_looked_up(finding)}", *lines, *more])


def _facts_of(content: Content) -> tuple[summary.Fact, ...]:
    named = (("source", content.source or ""), ("link", content.link or ""))
    return (*summary.facts(content), *(fact for fact in named if fact[1]))


def _verdicts(findings: Sequence[Finding]) -> str:
    verdicts = [summary.verdict_of(finding) or "without a verdict" for finding in findings]
    return ", ".join(f"{verdicts.count(verdict):,} {verdict}" for verdict in dict.fromkeys(verdicts))


def _unanswered(report: Report, most: int) -> list[Block]:
    def line(finding: Finding) -> str:
        reason = f": {shown(finding.reason)}" if finding.reason else ""
        return f"{finding.outcome}: {_looked_up(finding)}{reason}"

    return _listed("Not answered", summary.unanswered(report), line, most)


def _attributes(report: Report, most: int) -> list[Block]:
    def line(attribute: ReportedAttribute) -> str:
        key = f" ({shown(attribute.key)})" if attribute.key else ""
        return f"{shown(attribute.type)} {shown(attribute.value)}{key}" + (
            "" if attribute.valid else ", does not fit its type"
        )

    return _listed("Attributes", summary.by_nearness(report), line, most)


def _listed(title: str, items: Sequence[_Item], line: Callable[[_Item], str], most: int) -> list[Block]:
    """Make one section of a line for each; of those that do not fit, their number."""
    if not items:
        return []
    most = min(most, 3_000)
    kept = [f"{title} ({len(items):,})"]
    left = most - len(kept[0]) - 40
    for item in items[:_LINES]:
        # One long line must not push out all others.
        said = shortened(line(item), _LINE)
        left -= length(said) + 1
        if left < 0:
            break
        kept.append(said)
    more = len(items) - len(kept) + 1
    return [section("\n".join([*kept, f"and {more:,} more"] if more else kept), most)]


def _foot(report: Report, updating: bool) -> Block:
    said = f"AlertResponder report {shown(report.id)}, round {report.round}."
    if not updating:
        said += " Each round is a new message: a webhook cannot update."
    if report.truncated:
        said += " The report was too large and is shortened."
    said += f" As a page: {shown(summary.page_command(report))}"
    return {"type": "context", "elements": [plain_text(said, 500)]}


def _looked_up(finding: Finding) -> str:
    value = shown(finding.attribute_value, _LINE)
    return f"{shown(finding.inspector, 60)} of {shown(finding.attribute_type, 60)} {value}"


def _time(text: str) -> str:
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return shown(text)
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "-"


def _length(block: Block) -> int:
    texts = [block["text"]] if "text" in block else block.get("fields") or block.get("elements") or []
    return sum(len(text["text"]) for text in texts)

"""Write a report as a Slack message. Pure: equal reports produce equal messages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from alert_responder.contracts.inspection import Content
from alert_responder.contracts.primitives import Severity, parse_rfc3339
from alert_responder.contracts.report import Finding, Report, ReportedAttribute
from alert_responder.domain.activities import MOST_TELLING, sightings
from alert_responder.domain.activity_text import sentence
from alert_responder.domain.completeness import missing
from alert_responder.domain.glance import Glance, glance_of
from alert_responder.domain.review_facts import review_facts, suppression_note
from alert_responder.domain.sanitize import shorten
from alert_responder_plugins.common import summary
from alert_responder_plugins.slack.markup import Block, length, link, notice, plain_text, section, shown, shown_lines

MOST = 12_000
"""Maximum length of a message [characters]. Slack documents no limit for all blocks, and rejects about 13,000."""

LEAST = 3_000
"""Maximum length [characters] if Slack rejected a longer message."""

MAX_FINDINGS = 30
"""Maximum number of findings with their own block; Slack accepts 50 blocks."""

_FINDING = 1_000
_HEADER = 150
_DESCRIPTION = 600
_FIELD = 200
_LINES = 40
_LINE = 300
_ACTIVITY = 500
_LEAST_ACTIVITIES = 100

_COLOURS: dict[Severity, str] = {"urgent": "#c62828", "unclassified": "#f9a825", "safe": "#2e7d32"}
_LAMPS: dict[Severity, str] = {"urgent": "\U0001f534", "unclassified": "\U0001f7e1", "safe": "\U0001f7e2"}
_RESOLVED_LAMP = "\u2705"

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Message:
    """A message to post.

    Attributes
    ----------
    text
        Text of the notification.
    content
        Arguments of Slack's API with the message: `blocks`, and `attachments` for its colour.
    """

    text: str
    content: dict[str, Any]


def message_of(report: Report, most: int = MOST, updating: bool = True, page: str | None = None) -> Message:
    """Write a report as a message.

    Parameters
    ----------
    most
        Maximum length [characters]. The least important parts are left out first, with a note.
    updating
        Whether later rounds update the message; if False, the message states that they do not.
    page
        Link to the report's page, if there is one.

    Returns
    -------
    Message
        Within Slack's limits, without mentions and mark-up, and without links except to the page.
    """
    glance = glance_of(report)
    top = [
        {"type": "header", "text": plain_text(f"{_lamp(report)} {shown(summary.headline(report))}", _HEADER)},
        *([section(shown_lines(glance.description), _DESCRIPTION)] if glance.description else []),
        _fields(_detected(report, glance)),
    ]
    blocks = [section(shown_lines(report.result.reason) or summary.NO_REASON, most // 4), _fields(_facts(report))]
    left = most - sum(map(_length, top[1:])) - sum(map(_length, blocks)) - 1_000
    telling = _activities(report, left // 3)
    blocks += telling
    left -= sum(map(_length, telling))
    for more in (_findings(report, left * 2 // 3), _unanswered(report, left // 4), _attributes(report, left // 6)):
        blocks += more
        left -= sum(map(_length, more))
    blocks += _listed("Notes", report.notes, shown, max(left, 200))
    if page:
        blocks.append(link(page, "Open the report"))
    blocks.append(_foot(report, updating))
    text = notice(summary.one_line_summary(report))
    # Slack hides all but the first blocks of an attachment, and shows those of the message.
    attachment = {"color": _colour(report), "fallback": text, "blocks": blocks}
    return Message(text, {"blocks": top, "attachments": [attachment]})


def reply_of(report: Report, change: str) -> Message:
    """Write the reply that announces a change, such as that of the severity."""
    text = f"Round {report.round}: {change}."
    reason = shown_lines(report.result.reason) or summary.NO_REASON
    lines = [f"{_lamp(report)} {text}", *filter(None, [shown(suppression_note(report.result))]), reason]
    return Message(notice(text), {"blocks": [section("\n".join(lines), 3_000)]})


def _lamp(report: Report) -> str:
    return _RESOLVED_LAMP if report.status == "resolved" else _LAMPS[report.result.severity]


def _colour(report: Report) -> str:
    return _COLOURS["safe" if report.status == "resolved" else report.result.severity]


def _detected(report: Report, glance: Glance) -> tuple[summary.Fact, ...]:
    detectors = sorted({shown(alert.detector) for alert in report.alerts})
    return (*((name, shown(value)) for name, value in glance.facts), ("Detector", ", ".join(detectors) or "-"))


def _facts(report: Report) -> tuple[summary.Fact, ...]:
    counts = summary.counts(report)
    return (
        ("Severity", report.result.severity),
        *((name, shown(value)) for name, value in review_facts(report.result)),
        ("Alerts", f"{counts.alerts:,}"),
        ("Lookups", f"{counts.answered:,} of {counts.lookups:,} answered"),
        ("Verdicts", f"{counts.malicious:,} malicious, {counts.suspicious:,} suspicious"),
        ("First alert", _time(report.created_at)),
        ("Updated", _time(report.updated_at)),
        *([("Incomplete", f"{missing(report.omissions)} missing")] if not report.complete else []),
    )


def _fields(facts: Iterable[summary.Fact]) -> Block:
    return {"type": "section", "fields": [plain_text(f"{name}\n{value}", _FIELD) for name, value in facts]}


def _activities(report: Report, most: int) -> list[Block]:
    """Return one section with the most telling activities, and the number of the others."""
    found = sightings(report.findings)
    if not found or most < _LEAST_ACTIVITIES:
        return []
    lines = [shown(sentence(each.activity), _ACTIVITY) for each in found[:MOST_TELLING]]
    more = len(found) - len(lines)
    text = "\n".join([f"Activities ({len(found):,})", *lines, *([f"and {more:,} more"] if more else [])])
    return [section(text, most)]


def _findings(report: Report, most: int) -> list[Block]:
    findings = summary.findings_by_verdict(report)
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
    verdict = summary.verdict_of(finding) or "no verdict"
    facts = [fact for content in finding.contents for fact in _facts_of(content)]
    lines = [f"  {shown(name, 60)}: {shown(value, _LINE)}" for name, value in facts[:_LINES]]
    more = [f"  {len(facts) - _LINES:,} more"] if len(facts) > _LINES else []
    return "\n".join([f"{verdict}: {_looked_up(finding)}", *lines, *more])


def _facts_of(content: Content) -> tuple[summary.Fact, ...]:
    origin = (("source", content.source or ""), ("link", content.link or ""))
    return (*summary.facts(content), *(fact for fact in origin if fact[1]))


def _verdicts(findings: Sequence[Finding]) -> str:
    verdicts = [summary.verdict_of(finding) or "no verdict" for finding in findings]
    return ", ".join(f"{verdicts.count(verdict):,} {verdict}" for verdict in dict.fromkeys(verdicts))


def _unanswered(report: Report, most: int) -> list[Block]:
    def line(finding: Finding) -> str:
        reason = f": {shown(finding.reason)}" if finding.reason else ""
        return f"{finding.outcome}: {_looked_up(finding)}{reason}"

    return _listed("Unanswered lookups", summary.unanswered(report), line, most)


def _attributes(report: Report, most: int) -> list[Block]:
    def line(attribute: ReportedAttribute) -> str:
        key = f" ({shown(attribute.key)})" if attribute.key else ""
        return f"{shown(attribute.type)} {shown(attribute.value, type_=attribute.type)}{key}" + (
            "" if attribute.valid else ", invalid for its type"
        )

    return _listed("Attributes", summary.attributes_by_depth(report), line, most)


def _listed(title: str, items: Sequence[_Item], line: Callable[[_Item], str], most: int) -> list[Block]:
    """Return one section with a line for each item, and the number of items that do not fit."""
    if not items:
        return []
    most = min(most, 3_000)
    kept = [f"{title} ({len(items):,})"]
    left = most - len(kept[0]) - 40
    for item in items[:_LINES]:
        # One long line must not displace all others.
        text = shorten(line(item), _LINE)
        left -= length(text) + 1
        if left < 0:
            break
        kept.append(text)
    more = len(items) - len(kept) + 1
    return [section("\n".join([*kept, f"and {more:,} more"] if more else kept), most)]


def _foot(report: Report, updating: bool) -> Block:
    text = f"AlertResponder report {shown(report.id)}, round {report.round}."
    if not updating:
        text += " Webhooks cannot update messages, so each round is a new message."
    if report.truncated:
        text += " The report was too large and was truncated."
    text += f" To open its page, run: {shown(summary.page_command(report))}"
    return {"type": "context", "elements": [plain_text(text, 500)]}


def _looked_up(finding: Finding) -> str:
    value = shown(finding.attribute_value, _LINE, finding.attribute_type)
    return f"{shown(finding.inspector, 60)} on {shown(finding.attribute_type, 60)} {value}"


def _time(text: str) -> str:
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return shown(text)
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "-"


def _length(block: Block) -> int:
    texts = [block["text"]] if "text" in block else block.get("fields") or block.get("elements") or []
    return sum(len(text["text"]) for text in texts)

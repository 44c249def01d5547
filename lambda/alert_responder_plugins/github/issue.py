"""The issue of a report: its title, and a body with the current round."""

import json
from functools import partial

from alert_responder.contracts.report import Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.completeness import missing
from alert_responder.domain.glance import RESOLVED, glance_of
from alert_responder.domain.review_facts import review_facts
from alert_responder.domain.severities import in_words
from alert_responder_plugins.common.summary import attributes_by_depth, counts, page_command, test_label, unanswered
from alert_responder_plugins.github.markdown import NOTHING, characters, code, fenced, fenced_json, moment, row, table
from alert_responder_plugins.github.markers import of_report
from alert_responder_plugins.github.tables import activities_part, summary, unanswered_part
from alert_responder_plugins.github.truncation import Part, fitted, part

MAX_REASON = 4_000
"""Maximum length of a reason and of a note [characters]."""

MAX_JSON = 8_000
"""Maximum length of a JSON attribute [characters]."""

_DESCRIPTION = 1_000
_TITLE = 220
"""Maximum length of a report's title [characters]; GitHub accepts 256, including severity and backticks."""


def title(report: Report) -> str:
    """Write the issue's title: severity, and the report's title as a code span; at most 256 characters."""
    # Characters outside the basic plane count twice.
    most = _TITLE if characters(report.title) == len(report.title) else _TITLE // 2
    label = RESOLVED if report.status == "resolved" else f"{report.result.severity}: "
    return f"{test_label(report)}{label}{code(report.title, most)}"


def body(report: Report, page: str | None = None) -> str:
    """Write the issue's body, with its marker and at most `truncation.MAX_CHARACTERS` long.

    Parameters
    ----------
    page
        Link to the report's page, if there is one.
    """
    beginning = "\n\n".join(
        [
            f"{of_report(report.id)}\n## Overview",
            _overview(report, page),
            "### Reason",
            fenced(report.result.reason, MAX_REASON),
        ]
    )
    attributes = attributes_by_depth(report)
    parts = [
        activities_part(report.findings),
        _alerts(report),
        part(
            f"## Attributes\n\n{table(('type', 'value', 'key', 'context', 'seen', 'origin'))}",
            (partial(_attribute, attribute) for attribute in attributes if attribute.type != "json"),
            5,
        ),
        part(
            "## JSON attributes",
            (partial(_json_attribute, attribute) for attribute in attributes if attribute.type == "json"),
            1,
            gap="\n\n",
        ),
        unanswered_part(unanswered(report), "##"),
        part("## Notes", (partial(_note, note) for note in report.notes), 3),
    ]
    return fitted(beginning, parts)


def _overview(report: Report, page: str | None) -> str:
    first, glance = report.alerts[0] if report.alerts else None, glance_of(report)
    rows = [
        *([("Description", code(glance.description, _DESCRIPTION))] if glance.description else []),
        ("Severity", f"**{report.result.severity}**"),
        *((name, code(value)) for name, value in review_facts(report.result)),
        *([("Status", "**resolved**, according to the detector")] if report.status == "resolved" else []),
        *((name, code(value)) for name, value in glance.facts if name != "Rule"),
        ("Title", code(report.title)),
        ("Detector", code(first.detector) if first else NOTHING),
        ("Rule", f"{code(first.rule_name)} ({code(first.rule_id)})" if first else NOTHING),
        ("Alert key", code(first.alert_key) if first else NOTHING),
        ("Alerts", f"{report.alert_count:,}"),
        ("Lookups", summary(counts(report))),
        *([("Incomplete", f"{missing(report.omissions)} missing")] if not report.complete else []),
        ("Round", f"{report.round:,}"),
        ("Opened", moment(report.created_at)),
        ("Updated", moment(report.updated_at)),
        ("Report", code(report.id)),
        ("Page", (f"[Open the report]({page}) or " if page else "") + code(page_command(report), 60)),
        ("Previous report", code(report.previous_report_id or "")),
    ]
    return "\n".join([table(("", "")), *(row(cells) for cells in rows)])


def _alerts(report: Report) -> Part:
    def said(alert: ReportedAlert) -> str:
        return f"{'**resolved**: ' if alert.status == 'resolved' else ''}{code(alert.description)}"

    rows = tuple(
        row([moment(alert.timestamp or alert.arrived_at), code(_severity(alert)), said(alert)])
        for alert in report.alerts
    )
    return Part(f"## Alerts\n\n{table(('time', 'severity', 'description'))}", rows, 4)


def _severity(alert: ReportedAlert) -> str:
    return in_words(alert.detector, alert.severity) if alert.severity else ""


def _attribute(attribute: ReportedAttribute) -> str:
    value = code(attribute.value, type_=attribute.type)
    return row(
        [
            code(attribute.type),
            value if attribute.valid else f"{value} (invalid for its type)",
            code(attribute.key),
            ", ".join(code(context, 40) for context in attribute.context[:10]) or NOTHING,
            moment(attribute.timestamp),
            _origin(attribute),
        ]
    )


def _origin(attribute: ReportedAttribute) -> str:
    origin = attribute.origin
    source = code(origin.attribute_value or "", type_=origin.attribute_type or "")
    if origin.inspector is None:
        return f"derived from {source}" if origin.attribute_value else "alert"
    return f"{code(origin.inspector)}, from {source}"


def _note(note: str) -> str:
    return f"- {code(note, MAX_REASON)}"


def _json_attribute(attribute: ReportedAttribute) -> str:
    try:
        shown = fenced_json(json.loads(attribute.value), MAX_JSON)
    except (ValueError, RecursionError):
        shown = fenced(attribute.value, MAX_JSON)
    return f"{code(attribute.key)}\n\n{shown}"

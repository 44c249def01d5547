"""Truncates a report to the size that plug-ins can receive."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from alert_responder.contracts.report import Finding, Omission, Report, ReportedAlert
from alert_responder.domain.activities import sightings
from alert_responder.domain.attributes import identity
from alert_responder.domain.completeness import with_omissions
from alert_responder.domain.essence import Content, essence, has_verdict, short_activity, worst_contents
from alert_responder.domain.overview import worst_shown

MAX_REPORT_BYTES = 5_000_000
"""Largest report [bytes of JSON]; Lambda accepts 6 MB per call, and a request contains more than the report."""

MAX_TEXT_LENGTH = 1_000
"""Longest text in a report that is far too large [characters]."""

_SHORT_TEXT_LENGTH = 100
"""Longest text in a report that is too large even without long texts [characters]."""

_OMISSIONS_BYTES = 1_000
"""Space reserved for the omissions [bytes]."""

_MAX_ACTIVITIES = 20
"""Number of activities that a report keeps when details of findings are left out."""

_FEWER = (500, 250, 100, 20, 0)
_LEFT_OUT = "Left out because the report exceeds 5 MB: "
_BEYOND = "attributes, skipped lookups and deliveries beyond the first {:,}."
_TOO_LARGE = "The report exceeds 5 MB."

Contents = Sequence[Content]
_Changes = dict[str, Any]
_Telling = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
_Step = Callable[[Report], _Changes]


def truncate(report: Report) -> Report:
    """Leave out the least important parts until a report is small enough.

    Returns
    -------
    Report
        The same report if it fits; else one with `truncated` and a note for each step, which always fits. The
        steps are, in this order: bodies of alerts; all alerts but the first, the last, the worst and verified ones;
        attributes that were not looked up, and that no verified alert names; details of findings without a verdict;
        long texts; details of the other findings; attributes of verified alerts. The finding of each lookup keeps its
        outcome, and the types, verdicts and sources of its contents; the report keeps its 20 most telling activities.
        If that is not enough, each finding keeps only its worst verdict. Left-out attributes and findings make the
        report incomplete.
    """
    if _size(report) <= MAX_REPORT_BYTES:
        return report
    telling = _most_telling(report)
    steps: tuple[tuple[str, _Step], ...] = (
        ("the bodies of alerts.", _without_bodies),
        ("all alerts but the oldest, the newest, the worst, and verified ones.", _few_alerts),
        ("attributes that were not looked up.", _looked_up_attributes),
        ("details of findings without a verdict.", partial(_without_details, has_verdict, telling)),
        (f"text beyond the first {MAX_TEXT_LENGTH:,} characters.", partial(_short_texts, MAX_TEXT_LENGTH)),
        ("details of findings.", partial(_without_details, _nothing, telling)),
        ("attributes of verified alerts.", _without_alert_attributes),
        (_BEYOND.format(1_000), partial(_first, 1_000)),
        (
            f"text beyond the first {_SHORT_TEXT_LENGTH} characters.",
            partial(_short_texts, _SHORT_TEXT_LENGTH),
        ),
        *((_BEYOND.format(most), partial(_first, most)) for most in _FEWER),
        ("all verdicts of a finding but the worst.", _worst_verdicts),
    )
    cut = report
    for what, step in steps:
        changes: _Changes = {**step(cut), "truncated": True, "notes": (*cut.notes, _LEFT_OUT + what)}
        cut = cut.model_copy(update=changes)
        if _size(cut) <= MAX_REPORT_BYTES - _OMISSIONS_BYTES:
            break
    return with_omissions(cut, *_missing(report, cut))


def _missing(whole: Report, cut: Report) -> Iterator[Omission]:
    """Count the attributes that were left out, and the findings that were left out or have lost details."""
    kept = {(each.inspector, each.attribute_id): each.contents for each in cut.findings}
    changed = sum(kept.get((each.inspector, each.attribute_id)) != each.contents for each in whole.findings)
    yield Omission(what="attributes", count=len(whole.attributes) - len(cut.attributes), reason=_TOO_LARGE)
    yield Omission(what="findings", count=changed, reason=_TOO_LARGE)


def _size(report: Report) -> int:
    return len(json.dumps(report.model_dump(mode="json")))


def _without_bodies(report: Report) -> _Changes:
    return {"alerts": tuple(alert.model_copy(update={"body": None}) for alert in report.alerts)}


def _is_verified(alert: ReportedAlert) -> bool:
    return alert.origin is not None and alert.origin.verified


def _few_alerts(report: Report) -> _Changes:
    # Verified alerts stay whole: neither claims nor answers may hide which account a target is in.
    alerts = report.alerts
    kept = {0, *worst_shown(alerts, 1), len(alerts) - 1}
    return {
        "alerts": tuple(
            alert if _is_verified(alert) else alert.model_copy(update={"attributes": ()})
            for place, alert in enumerate(alerts)
            if place in kept or _is_verified(alert)
        )
    }


def _without_alert_attributes(report: Report) -> _Changes:
    return {"alerts": tuple(alert.model_copy(update={"attributes": ()}) for alert in report.alerts)}


def _looked_up_attributes(report: Report) -> _Changes:
    kept = {finding.attribute_id for finding in report.findings if finding.outcome != "skipped"}
    kept |= _named_by_verified(report)
    return {"attributes": tuple(each for each in report.attributes if each.id in kept)}


def _named_by_verified(report: Report) -> set[str]:
    """Return the ids of attributes that verified alerts name."""
    return {identity(each) for alert in report.alerts if _is_verified(alert) for each in alert.attributes}


def _without_details(keeps: Callable[[Contents], bool], telling: _Telling, report: Report) -> _Changes:
    def reduced(finding: Finding) -> Finding:
        activities = telling.get((finding.inspector, finding.attribute_id), ())
        return _reduced(finding, partial(essence, activities=activities))

    return {"findings": tuple(each if keeps(_contents(each)) else reduced(each) for each in report.findings)}


def _most_telling(report: Report) -> _Telling:
    """Return the activities that are kept longest, by inspector and attribute."""
    kept: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding, _, activity in sightings(report.findings)[:_MAX_ACTIVITIES]:
        short = short_activity(activity.model_dump(mode="json", exclude_defaults=True))
        kept.setdefault((finding.inspector, finding.attribute_id), []).append(short)
    return kept


def _nothing(_: Contents) -> bool:
    return False


def _worst_verdicts(report: Report) -> _Changes:
    return {"findings": tuple(_reduced(each, worst_contents) for each in report.findings)}


def _contents(finding: Finding) -> Contents:
    return [
        content.model_dump(mode="json", exclude_defaults=True) | {"type": content.type} for content in finding.contents
    ]


def _reduced(finding: Finding, reduce: Callable[[Contents], Contents]) -> Finding:
    if not finding.contents:
        return finding
    fields = finding.model_dump(mode="json", exclude={"contents"})
    return Finding.model_validate({**fields, "contents": reduce(_contents(finding))})


def _first(most: int, report: Report) -> _Changes:
    skipped = [finding for finding in report.findings if finding.outcome == "skipped"]
    made = [finding for finding in report.findings if finding.outcome != "skipped"]
    return {
        "attributes": report.attributes[:most],
        "findings": (*made, *skipped[:most]),
        "emissions": report.emissions[:most],
    }


def _short_texts(longest: int, report: Report) -> _Changes:
    document = report.model_dump(mode="json", exclude={"result", "notes", "omissions"})
    kept = {"result": report.result, "notes": report.notes, "omissions": report.omissions}
    short = Report.model_validate({**_shortened(document, longest), **kept})
    return {name: getattr(short, name) for name in document}


def _shortened(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, list):
        return [_shortened(item, longest) for item in value]
    if isinstance(value, dict):
        return {name: _shortened(item, longest) for name, item in value.items()}
    return value

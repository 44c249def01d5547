"""The findings of a report, by attribute."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from alert_responder.contracts.inspection import Content, NoteContent, Verdict
from alert_responder.contracts.report import Finding, Origin, Report
from alert_responder.domain.content_facts import ACTIVITIES, facts_of
from alert_responder.domain.sanitize import ellipsize, https_link, shorten
from alert_responder.domain.verdicts import weight
from alert_responder.page.bounds import Bounds

NO_VERDICT = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its values; `more` is the number of values left out."""

    name: str
    values: tuple[str, ...]
    more: int = 0
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class FoundContent:
    """One content of a finding; `unsafe_link` is shown as text."""

    verdict: str
    facts: tuple[Fact, ...]
    more: int
    source: str | None
    link: str | None
    unsafe_link: str | None


@dataclass(frozen=True, slots=True)
class InspectorFinding:
    """The finding of one inspector."""

    inspector: str
    outcome: str
    seconds: float | None
    reason: str | None
    contents: tuple[FoundContent, ...]


@dataclass(frozen=True, slots=True)
class AttributeFindings:
    """An attribute with contents, and the findings of all inspectors; `more` is the number of findings left out."""

    id: str
    anchor: str
    type: str
    value: str
    verdict: str
    context: tuple[str, ...]
    key: str
    origin: str | None
    findings: tuple[InspectorFinding, ...]
    more: int


def verdict_of(findings: Iterable[Finding]) -> str:
    """Return the worst verdict of the findings, or `NO_VERDICT`."""
    return _worst(findings) or NO_VERDICT


def _worst(findings: Iterable[Finding]) -> Verdict | None:
    given: list[Verdict] = [content.verdict for each in findings for content in each.contents if content.verdict]
    return min(given, key=weight, default=None)


def by_attribute(report: Report) -> dict[str, list[Finding]]:
    """Group a report's findings by attribute id."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.attribute_id, []).append(finding)
    return found


def with_contents(report: Report, bounds: Bounds) -> tuple[tuple[AttributeFindings, ...], int]:
    """List the attributes with contents, those with the worst verdicts first, and the number left out."""
    attributes = {attribute.id: attribute for attribute in report.attributes}
    found = [(id_, each) for id_, each in by_attribute(report).items() if any(finding.contents for finding in each)]
    found.sort(key=lambda item: (weight(_worst(item[1])), item[1][0].depth))
    listed: list[AttributeFindings] = []
    for number, (id_, findings) in enumerate(found[: bounds.findings], 1):
        attribute = attributes.get(id_)
        weighed = sorted(findings, key=lambda finding: (not finding.contents, weight(_worst([finding]))))
        listed.append(
            AttributeFindings(
                id=id_,
                anchor=f"attribute-{number}",
                type=ellipsize(findings[0].attribute_type, bounds.name),
                value=shorten(findings[0].attribute_value, bounds.value),
                verdict=verdict_of(findings),
                context=tuple(ellipsize(word, 40) for word in attribute.context[: bounds.listed]) if attribute else (),
                key=ellipsize(attribute.key, bounds.name) if attribute else "",
                origin=origin_of(attribute.origin, bounds) if attribute else None,
                findings=tuple(_finding(finding, bounds) for finding in weighed[: bounds.inspectors]),
                more=max(len(weighed) - bounds.inspectors, 0),
            )
        )
    return tuple(listed), len(found) - len(listed)


def without_contents(report: Report) -> tuple[Finding, ...]:
    """List the findings without contents: first the unanswered lookups, then those that found nothing."""
    order = ("error", "timeout", "throttled", "invalid", "skipped", "ok", "empty", "cached")
    found = [finding for finding in report.findings if not finding.contents]
    return tuple(sorted(found, key=lambda finding: order.index(finding.outcome)))


def origin_of(origin: Origin, bounds: Bounds) -> str | None:
    """Describe how an attribute was found, or from which one it is derived; None for attributes of alerts."""
    source = f" from {ellipsize(origin.attribute_value, bounds.name)}" if origin.attribute_value else ""
    if origin.inspector is None:
        return f"derived{source}" if source else None
    return f"found by {ellipsize(origin.inspector, bounds.name)}{source}"


def _finding(finding: Finding, bounds: Bounds) -> InspectorFinding:
    return InspectorFinding(
        inspector=ellipsize(finding.inspector, bounds.name),
        outcome=finding.outcome,
        seconds=finding.seconds,
        reason=shorten(finding.reason, bounds.value) if finding.reason else None,
        contents=tuple(_content(content, bounds) for content in finding.contents[: bounds.listed]),
    )


def _content(content: Content, bounds: Bounds) -> FoundContent:
    facts = _facts(content, bounds)
    link = https_link(content.link)
    return FoundContent(
        verdict=content.verdict or NO_VERDICT,
        facts=facts[: bounds.facts],
        more=max(len(facts) - bounds.facts, 0),
        source=ellipsize(content.source, bounds.name) if content.source else None,
        link=link,
        unsafe_link=shorten(content.link, bounds.value) if content.link and not link else None,
    )


def _facts(content: Content, bounds: Bounds) -> tuple[Fact, ...]:
    if isinstance(content, NoteContent):
        text = shorten(content.text, bounds.reason)
        note = Fact(shorten(content.title, bounds.value), (text,) if text else (), is_text=True)
        return (note, *_data(content.data, bounds))
    return tuple(_listed(name, values, bounds) for name, values in facts_of(content))


def _listed(name: str, values: tuple[str, ...], bounds: Bounds) -> Fact:
    if name == ACTIVITIES:
        return Fact(name, (f"{len(values):,}, in the table of activities",))
    shown = tuple(shorten(value, bounds.value) for value in values[: bounds.listed])
    return Fact(name, shown, max(len(values) - bounds.listed, 0))


def _data(data: object, bounds: Bounds) -> tuple[Fact, ...]:
    """Convert a note's data: a flat object becomes one fact for each field, anything else JSON."""
    if data is None:
        return ()
    if isinstance(data, dict) and all(not isinstance(value, dict | list) for value in data.values()):
        fields = ((str(name), value if isinstance(value, str) else json.dumps(value)) for name, value in data.items())
        return tuple(Fact(ellipsize(name, bounds.name), (shorten(text, bounds.value),)) for name, text in fields)
    return (Fact("data", (shorten(json.dumps(data, ensure_ascii=False, indent=1), bounds.reason),), is_text=True),)

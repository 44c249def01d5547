"""What was found, by entity: each attribute with what all inspectors said of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from alert_responder.contracts.inspection import Content, NoteContent, Verdict
from alert_responder.contracts.report import Finding, Origin, Report
from alert_responder.domain.content_facts import facts_of
from alert_responder.domain.sanitize import ellipsize, https_link, shorten
from alert_responder.domain.verdicts import weight
from alert_responder.page.bounds import Bounds

NO_VERDICT = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known, and its values; `more` are left out."""

    name: str
    values: tuple[str, ...]
    more: int = 0
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One content of a finding. `link` may be clicked; `source` stands beside it."""

    verdict: str
    facts: tuple[Fact, ...]
    more: int
    source: str | None
    link: str | None
    unsafe_link: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one inspector said."""

    inspector: str
    outcome: str
    seconds: float | None
    reason: str | None
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """An attribute of which something was found."""

    id: str
    anchor: str
    type: str
    value: str
    verdict: str
    context: tuple[str, ...]
    key: str
    origin: str | None
    answers: tuple[Answer, ...]
    more: int


def verdict_of(findings: Iterable[Finding]) -> str:
    """Return the worst verdict that was given; `NO_VERDICT` where none was."""
    return _worst(findings) or NO_VERDICT


def _worst(findings: Iterable[Finding]) -> Verdict | None:
    given: list[Verdict] = [content.verdict for each in findings for content in each.contents if content.verdict]
    return min(given, key=weight, default=None)


def by_attribute(report: Report) -> dict[str, list[Finding]]:
    """Group a report's findings by the attribute they are about."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.attribute_id, []).append(finding)
    return found


def entities(report: Report, bounds: Bounds) -> tuple[tuple[Entity, ...], int]:
    """List entities of which something was found, the worst first, and how many more there are."""
    attributes = {attribute.id: attribute for attribute in report.attributes}
    found = [(id_, each) for id_, each in by_attribute(report).items() if any(finding.contents for finding in each)]
    found.sort(key=lambda item: (weight(_worst(item[1])), item[1][0].depth))
    listed: list[Entity] = []
    for number, (id_, findings) in enumerate(found[: bounds.entities], 1):
        attribute = attributes.get(id_)
        weighed = sorted(findings, key=lambda finding: (not finding.contents, weight(_worst([finding]))))
        listed.append(
            Entity(
                id=id_,
                anchor=f"entity-{number}",
                type=ellipsize(findings[0].attribute_type, bounds.name),
                value=shorten(findings[0].attribute_value, bounds.value),
                verdict=verdict_of(findings),
                context=tuple(ellipsize(word, 40) for word in attribute.context[: bounds.listed]) if attribute else (),
                key=ellipsize(attribute.key, bounds.name) if attribute else "",
                origin=origin_of(attribute.origin, bounds) if attribute else None,
                answers=tuple(_answer(finding, bounds) for finding in weighed[: bounds.answers]),
                more=max(len(weighed) - bounds.answers, 0),
            )
        )
    return tuple(listed), len(found) - len(listed)


def silent(report: Report) -> tuple[Finding, ...]:
    """List the findings without contents: first those that nobody answered, then what is not known."""
    order = ("error", "timeout", "throttled", "invalid", "skipped", "ok", "empty", "cached")
    found = [finding for finding in report.findings if not finding.contents]
    return tuple(sorted(found, key=lambda finding: order.index(finding.outcome)))


def origin_of(origin: Origin, bounds: Bounds) -> str | None:
    """Say who found an attribute, and from what; None: it stands in an alert."""
    if origin.inspector is None:
        return None
    found_from = f" from {ellipsize(origin.attribute_value, bounds.name)}" if origin.attribute_value else ""
    return ellipsize(origin.inspector, bounds.name) + found_from


def _answer(finding: Finding, bounds: Bounds) -> Answer:
    return Answer(
        inspector=ellipsize(finding.inspector, bounds.name),
        outcome=finding.outcome,
        seconds=finding.seconds,
        reason=shorten(finding.reason, bounds.value) if finding.reason else None,
        told=tuple(_told(content, bounds) for content in finding.contents[: bounds.listed]),
    )


def _told(content: Content, bounds: Bounds) -> Told:
    facts = _facts(content, bounds)
    link = https_link(content.link)
    return Told(
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
    return tuple(
        Fact(
            name,
            tuple(shorten(value, bounds.value) for value in values[: bounds.listed]),
            max(len(values) - bounds.listed, 0),
        )
        for name, values in facts_of(content)
    )


def _data(data: object, bounds: Bounds) -> tuple[Fact, ...]:
    """Tell a note's data: a flat object as facts of its own, anything else as JSON."""
    if data is None:
        return ()
    if isinstance(data, dict) and all(not isinstance(value, dict | list) for value in data.values()):
        words = (
            (ellipsize(str(name), bounds.name), shorten(_word(value), bounds.value)) for name, value in data.items()
        )
        return tuple(Fact(name, (value,)) for name, value in words)
    return (Fact("data", (shorten(json.dumps(data, ensure_ascii=False, indent=1), bounds.reason),), is_text=True),)


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)

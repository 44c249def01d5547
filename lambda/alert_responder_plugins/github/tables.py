"""The findings of a round as tables, one for each kind of content."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from alert_responder.contracts.inspection import (
    Activity,
    BinaryContent,
    Content,
    Domain,
    HostContent,
    Malware,
    NoteContent,
    Software,
    Url,
)
from alert_responder.contracts.report import Finding
from alert_responder.domain.activities import MOST_TELLING, sightings, telling_rank
from alert_responder.domain.activity_text import how_often, new_or_usual, sentence
from alert_responder.domain.content_facts import MAX_SCANS
from alert_responder_plugins.common.summary import Counts, facts
from alert_responder_plugins.github.markdown import NOTHING, code, fenced, fenced_json, moment, row, table
from alert_responder_plugins.github.truncation import Part, Row, part

MAX_TEXT = 4_000
"""Maximum length of a note's text and of its JSON [characters]."""

_MAX_SENTENCE = 600
_IN_TABLES = frozenset({"malware", "URLs", "domains", "activities", "software"})
_Thing = TypeVar("_Thing")


def findings_parts(findings: Sequence[Finding], unanswered: Sequence[Finding]) -> list[Part]:
    """Write findings as tables.

    Parameters
    ----------
    findings
        Findings with contents, the most important first.
    unanswered
        Lookups without an answer.

    Returns
    -------
    list[Part]
        In display order. Rows are unique and in a fixed order: by finding, then the newest, worst or most telling
        first.
    """
    return [
        _part("Findings", ("attribute", "inspector", "verdict", "facts", "source", "link"), _overview(findings), 9),
        _part("Malware", ("attribute", "sample", "relation", "seen", "scans"), _malware(findings), 8),
        _part("Domains", ("attribute", "domain", "seen", "source"), _domains(findings), 5),
        _part("URLs", ("attribute", "URL", "reference", "seen", "source"), _urls(findings), 6),
        _part(
            "Activities",
            ("attribute", "last seen", "principal", "service", "action", "target", "from", "how often", "new or usual"),
            _activities(findings),
            7,
        ),
        _part("Software", ("attribute", "name", "location", "last seen"), _software(findings), 3),
        part("### Notes", _notes(findings), 4, gap="\n\n"),
        unanswered_part(unanswered, "###"),
    ]


def activities_part(findings: Iterable[Finding]) -> Part:
    """Write the most telling activities as a list, and the number of the others."""
    found = sightings(findings)
    more = len(found) - MOST_TELLING
    rows = [f"- {code(sentence(each.activity), _MAX_SENTENCE)}" for each in found[:MOST_TELLING]]
    return Part(
        "## Activities\n",
        (*rows, *([f"- {more:,} more {'is' if more == 1 else 'are'} in the comments"] if more > 0 else [])),
        6,
    )


def unanswered_part(findings: Iterable[Finding], level: str) -> Part:
    """Write the lookups without an answer, with their reasons."""
    rows = (partial(_unanswered, finding) for finding in findings)
    return _part("Unanswered lookups", ("attribute", "inspector", "outcome", "reason"), rows, 2, level)


def _unanswered(finding: Finding) -> str:
    return row([_value(finding), code(finding.inspector), finding.outcome, code(finding.reason or "")])


def summary(counts: Counts) -> str:
    """Summarise the outcomes of all lookups in one line."""
    missing = counts.lookups - counts.answered
    return (
        f"{counts.lookups:,}: {counts.malicious:,} malicious, {counts.suspicious:,} suspicious, {missing:,} unanswered"
    )


def _part(heading: str, titles: Sequence[str], rows: Iterable[Row], weight: int, level: str = "###") -> Part:
    return part(f"{level} {heading}\n\n{table(titles)}", rows, weight)


def _overview(findings: Iterable[Finding]) -> Iterator[Row]:
    for finding in findings:
        for content in finding.contents:
            yield partial(_finding, finding, content)


def _finding(finding: Finding, content: Content) -> str:
    known_facts = [
        f"{name}: {code(value)}"
        for name, value in facts(content)
        if name not in _IN_TABLES and not isinstance(content, NoteContent)
    ]
    return row(
        [
            _value(finding),
            code(finding.inspector),
            f"**{content.verdict}**" if content.verdict else NOTHING,
            "; ".join(known_facts) or NOTHING,
            code(content.source or ""),
            code(content.link or ""),
        ]
    )


def _things(
    findings: Iterable[Finding],
    pick: Callable[[Content], tuple[_Thing, ...]],
    key: Callable[[_Thing], tuple[object, ...]],
    cells: Callable[[_Thing], Sequence[str]],
) -> Iterator[Row]:
    def written(finding: Finding, thing: _Thing) -> str:
        return row([_value(finding), *cells(thing)])

    for finding in findings:
        for content in finding.contents:
            for thing in sorted(pick(content), key=key):
                yield partial(written, finding, thing)


def _malware(findings: Iterable[Finding]) -> Iterator[Row]:
    def pick(content: Content) -> tuple[Malware, ...]:
        return content.related_malware if isinstance(content, HostContent | BinaryContent) else ()

    def key(malware: Malware) -> tuple[object, ...]:
        return (-sum(scan.positive for scan in malware.scans), malware.sha256, malware.model_dump_json())

    def cells(malware: Malware) -> Sequence[str]:
        return [code(malware.sha256), code(malware.relation or ""), moment(malware.timestamp), _scans(malware)]

    return _things(findings, pick, key, cells)


def _scans(malware: Malware) -> str:
    if not malware.scans:
        return NOTHING
    positive = sorted(
        (scan for scan in malware.scans if scan.positive),
        key=lambda scan: (scan.vendor, scan.name or "", scan.source or ""),
    )
    named = [code(f"{scan.vendor}: {scan.name}" if scan.name else scan.vendor, 80) for scan in positive[:MAX_SCANS]]
    more = [f"{len(positive) - MAX_SCANS:,} more"] if len(positive) > MAX_SCANS else []
    return "; ".join([f"{len(positive):,} of {len(malware.scans):,}", *named, *more])


def _domains(findings: Iterable[Finding]) -> Iterator[Row]:
    def pick(content: Content) -> tuple[Domain, ...]:
        return content.related_domains if isinstance(content, HostContent) else ()

    def key(domain: Domain) -> tuple[object, ...]:
        return (_newest_first(domain.timestamp), domain.name, domain.source or "")

    def cells(domain: Domain) -> Sequence[str]:
        return [code(domain.name), moment(domain.timestamp), code(domain.source or "")]

    return _things(findings, pick, key, cells)


def _urls(findings: Iterable[Finding]) -> Iterator[Row]:
    def pick(content: Content) -> tuple[Url, ...]:
        return content.related_urls if isinstance(content, HostContent) else ()

    def key(url: Url) -> tuple[object, ...]:
        return (_newest_first(url.timestamp), url.url, url.reference or "", url.source or "")

    def cells(url: Url) -> Sequence[str]:
        return [code(url.url), code(url.reference or ""), moment(url.timestamp), code(url.source or "")]

    return _things(findings, pick, key, cells)


def _activities(findings: Iterable[Finding]) -> Iterator[Row]:
    def pick(content: Content) -> tuple[Activity, ...]:
        return () if isinstance(content, NoteContent) else content.activities

    def key(activity: Activity) -> tuple[object, ...]:
        return (*telling_rank(activity), _newest_first(activity.last_seen), activity.model_dump_json())

    def cells(activity: Activity) -> Sequence[str]:
        texts = (activity.principal, activity.service_name, activity.action, activity.target, activity.remote_addr)
        often, novelty = how_often(activity), code(new_or_usual(activity))
        return [moment(activity.last_seen), *map(code, texts), often or NOTHING, novelty]

    return _things(findings, pick, key, cells)


def _software(findings: Iterable[Finding]) -> Iterator[Row]:
    def pick(content: Content) -> tuple[Software, ...]:
        return content.software if isinstance(content, HostContent | BinaryContent) else ()

    def key(software: Software) -> tuple[object, ...]:
        return (software.name, software.location or "", software.last_seen or "")

    def cells(software: Software) -> Sequence[str]:
        return [code(software.name), code(software.location or ""), moment(software.last_seen)]

    return _things(findings, pick, key, cells)


def _notes(findings: Iterable[Finding]) -> Iterator[Row]:
    for finding in findings:
        for content in finding.contents:
            if isinstance(content, NoteContent):
                yield partial(_note, finding, content)


def _note(finding: Finding, content: NoteContent) -> str:
    blocks = [f"{code(content.title)} on {_value(finding)}, by {code(finding.inspector)}"]
    if content.text:
        blocks.append(fenced(content.text, MAX_TEXT))
    if content.data is not None:
        blocks.append(fenced_json(content.data, MAX_TEXT))
    return "\n\n".join(blocks)


def _value(finding: Finding) -> str:
    return code(finding.attribute_value, type_=finding.attribute_type)


def _newest_first(time: str | None) -> tuple[int, ...]:
    # Sorts times as text in descending order, and missing ones last.
    return tuple(-ord(character) for character in time) if time else (1,)

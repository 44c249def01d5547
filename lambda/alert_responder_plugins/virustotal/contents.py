"""Convert VirusTotal's objects to contents of a report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from alert_responder.contracts.inspection import Verdict
from alert_responder.plugin import (
    Attribute,
    BinaryContent,
    Domain,
    HostContent,
    InspectionAnswer,
    Malware,
    MalwareScan,
    NoteContent,
    Url,
)
from alert_responder_plugins.virustotal.documents import Document, Fields, Stats, read
from alert_responder_plugins.virustotal.queries import Question

SOURCE = "VirusTotal"
MAX_RESOLUTIONS = 8
MAX_URLS = 5
MAX_SAMPLES = 5
"""Maximum numbers of each kind, the newest."""

_GUI = "https://www.virustotal.com/gui"
_PAGES = {"ip_addresses": "ip-address", "domains": "domain", "urls": "url", "files": "file"}
_RELATIONS = {
    "communicating_files": "communicating",
    "downloaded_files": "downloaded",
    "referrer_files": "referrer",
}
_FOLLOWED = {
    "communicating": "sample that communicates with it",
    "downloaded": "sample downloaded from it",
    "referrer": "sample that refers to it",
}
_OPINIONS = frozenset({"malicious", "suspicious", "harmless", "undetected"})
_POSITIVE = frozenset({"malicious", "suspicious"})


@dataclass(frozen=True, slots=True)
class Response:
    """VirusTotal's response.

    Attributes
    ----------
    document
        The object as received.
    related
        Objects as received, by relationship.
    missing
        Reasons in one sentence each, by relationship without an answer.
    limit
        The reason in one sentence, if relationships are missing because of a quota.
    """

    document: Any
    related: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Writes answers; see `settings.VirusTotalSettings` for the fields."""

    vendors: tuple[str, ...] = ()
    malicious_from: int = 3
    suspicious_from: int = 1
    harmless_from: int = 10
    follow_hashes: bool = False

    def answer(self, question: Question, response: Response) -> InspectionAnswer:
        """Write the answer: a host or file with its relations, the verdicts of the engines, and what is missing."""
        document = read(response.document)
        samples = tuple(
            sample
            for relationship, relation in _RELATIONS.items()
            for sample in self._samples(response.related.get(relationship, ()), relation)
        )
        content = (
            self._file(question, document)
            if question.collection == "files"
            else self._host(question, document, response.related, samples)
        )
        contents = (content, _analysis(document.fields), *_incomplete(response.missing))
        found = _followed(samples) if self.follow_hashes else ()
        incomplete = response.limit[:500] if response.limit else None
        return InspectionAnswer(contents=contents, new_attributes=found, incomplete=incomplete)

    def verdict_of(self, stats: Stats | None) -> Verdict:
        """Return the verdict by the number of engines.

        Malicious: at least `malicious_from` engines rate it malicious. Suspicious: at least `suspicious_from` rate it
        malicious or suspicious. Harmless: no engine does, and at least `harmless_from` rate it harmless; engines that
        found nothing do not count. Otherwise unknown.
        """
        if stats is None:
            return "unknown"
        if stats.malicious >= self.malicious_from:
            return "malicious"
        if stats.positives >= self.suspicious_from:
            return "suspicious"
        return "harmless" if stats.positives == 0 and stats.harmless >= self.harmless_from else "unknown"

    def _host(
        self, question: Question, document: Document, related: Mapping[str, Sequence[Any]], samples: tuple[Malware, ...]
    ) -> HostContent:
        fields, is_address = document.fields, question.collection == "ip_addresses"
        resolutions = _newest(map(read, related.get("resolutions", ())), "date")
        names = [(each.host_name, each.date) for each in resolutions if each.host_name] if is_address else []
        addresses = [] if is_address else [each.ip_address for each in resolutions if each.ip_address]
        return HostContent(
            type="host",
            verdict=self.verdict_of(fields.last_analysis_stats),
            source=SOURCE,
            link=_link(question, document),
            ipaddr=(question.value,) if is_address else tuple(dict.fromkeys(addresses))[:MAX_RESOLUTIONS],
            hostname=(question.value,) if question.collection == "domains" else (),
            country=_one(fields.country),
            as_owner=_one(fields.as_owner),
            related_domains=tuple(
                Domain(name=name, timestamp=date, source=SOURCE) for name, date in names[:MAX_RESOLUTIONS]
            ),
            related_urls=_detected_urls(related.get("urls", ())),
            related_malware=samples,
        )

    def _file(self, question: Question, document: Document) -> BinaryContent:
        return BinaryContent(
            type="binary",
            verdict=self.verdict_of(document.fields.last_analysis_stats),
            source=SOURCE,
            link=_link(question, document),
            related_malware=self._malware([document.fields], "the file itself"),
        )

    def _samples(self, documents: Sequence[Any], relation: str) -> tuple[Malware, ...]:
        detected = (document for document in map(read, documents) if _positives(document.fields))
        return self._malware(_newest(detected, "last_analysis_date"), relation)[:MAX_SAMPLES]

    def _malware(self, samples: Iterable[Fields], relation: str) -> tuple[Malware, ...]:
        return tuple(
            Malware(
                sha256=sample.sha256,
                timestamp=sample.last_analysis_date,
                relation=relation,
                scans=tuple(self._scans(sample)),
            )
            for sample in samples
            if sample.sha256
        )

    def _scans(self, sample: Fields) -> Iterable[MalwareScan]:
        by_name = {name.casefold(): scan for name, scan in (sample.last_analysis_results or {}).items()}
        for vendor in self.vendors:
            scan = by_name.get(vendor.casefold())
            if scan is not None and scan.category in _OPINIONS:
                yield MalwareScan(vendor=vendor, name=scan.result, positive=scan.category in _POSITIVE, source=SOURCE)


def _newest(documents: Iterable[Document], time: str) -> list[Fields]:
    """Sort by a time, the newest first, and those without a time last; equal ones stay in VirusTotal's order."""
    fields = [document.fields for document in documents]
    return sorted(fields, key=lambda each: getattr(each, time) or "", reverse=True)


def _positives(fields: Fields) -> int:
    return fields.last_analysis_stats.positives if fields.last_analysis_stats else 0


def _detected_urls(documents: Sequence[Any]) -> tuple[Url, ...]:
    detected = (document for document in map(read, documents) if _positives(document.fields))
    return tuple(
        Url(url=each.url, timestamp=each.last_analysis_date, source=f"{SOURCE}: {_share(each.last_analysis_stats)}")
        for each in _newest(detected, "last_analysis_date")
        if each.url
    )[:MAX_URLS]


def _share(stats: Stats | None) -> str:
    return f"{stats.positives} of {stats.engines} engines" if stats else "no engine"


def _analysis(fields: Fields) -> NoteContent:
    """Write a note with the numbers behind the verdict, and further facts about the object."""
    stats = fields.last_analysis_stats
    if stats is None:
        text = "VirusTotal has no analysis by engines."
    else:
        rated = f"{stats.malicious} of {stats.engines} engines rate it malicious, {stats.suspicious} suspicious"
        text = f"{rated}, {stats.harmless} harmless; {stats.undetected} found nothing."
    threat = fields.popular_threat_classification
    facts = {
        "analysed_at": fields.last_analysis_date,
        "engines": stats.model_dump() if stats else None,
        "threat": threat.suggested_threat_label if threat else None,
        "file_name": fields.meaningful_name,
        "file_type": fields.type_description,
        "file_size_bytes": fields.size,
        "registrar": fields.registrar,
        "page_title": fields.title,
        "final_url": fields.last_final_url,
    }
    data = {name: value for name, value in facts.items() if value is not None}
    return NoteContent(type="note", title="Analysis", source=SOURCE, text=text, data=data)


def _incomplete(missing: Mapping[str, str]) -> tuple[NoteContent, ...]:
    """Write a note with the missing relationships, grouped by reason."""
    if not missing:
        return ()
    reasons = dict.fromkeys(missing.values())
    sentences = [
        f"Missing: {', '.join(name for name, why in missing.items() if why == reason)}. {reason}" for reason in reasons
    ]
    return (
        NoteContent(
            type="note", title="Incomplete", source=SOURCE, text="\n".join(sentences), data={"missing": list(missing)}
        ),
    )


def _followed(samples: Iterable[Malware]) -> tuple[Attribute, ...]:
    """Return the samples as attributes without duplicates."""
    first = {sample.sha256: sample for sample in reversed(tuple(samples))}
    return tuple(
        Attribute(type="filehashvalue", key=_FOLLOWED[sample.relation or ""], value=sha256, context=("file", "remote"))
        for sha256, sample in sorted(first.items())
    )


def _link(question: Question, document: Document) -> str:
    """Return the URL of the object's page, in which a URL has the identifier that VirusTotal assigned."""
    identifier = question.value
    if question.collection in {"urls", "files"}:
        identifier = document.id or question.identifier
    return f"{_GUI}/{_PAGES[question.collection]}/{quote(identifier, safe=':')}"


def _one(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()

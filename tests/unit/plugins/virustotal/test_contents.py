"""Answers: verdicts, contents of each kind and their limits, and invalid documents."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.domain.plugin_answers import MAX_ANSWER_BYTES, read_inspection
from alert_responder.plugin import BinaryContent, HostContent, InspectionAnswer, NoteContent
from alert_responder_plugins.virustotal.contents import AnswerWriter, Response
from alert_responder_plugins.virustotal.documents import Stats, read
from alert_responder_plugins.virustotal.queries import RELATIONSHIPS, Question
from tools.paths import ROOT

ADDRESS = Question("ip_addresses", "198.51.100.7", RELATIONSHIPS)
COUNTS = st.integers(min_value=0, max_value=120)
STATS = st.builds(Stats, malicious=COUNTS, suspicious=COUNTS, harmless=COUNTS, undetected=COUNTS)
THRESHOLDS = st.builds(
    AnswerWriter,
    malicious_from=st.integers(1, 100),
    suspicious_from=st.integers(1, 100),
    harmless_from=st.integers(1, 100),
)
ORDER = {"harmless": 0, "unknown": 0, "suspicious": 1, "malicious": 2}


def host(answer: InspectionAnswer) -> HostContent:
    content = answer.contents[0]
    assert isinstance(content, HostContent)
    return content


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({"malicious": 3}, "malicious"),
        ({"malicious": 2}, "suspicious"),
        ({"suspicious": 1, "harmless": 90}, "suspicious"),
        ({"harmless": 10}, "harmless"),
        ({"harmless": 9, "undetected": 80}, "unknown"),
        ({"undetected": 70}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_verdict_by_the_usual_thresholds(counts: dict[str, int], verdict: str) -> None:
    assert AnswerWriter().verdict_of(Stats(**counts)) == verdict


@given(THRESHOLDS, STATS)
def test_never_harmless_if_any_engine_finds_something(writer: AnswerWriter, stats: Stats) -> None:
    verdict = writer.verdict_of(stats)

    assert verdict != "harmless" or (stats.positives == 0 and stats.harmless >= writer.harmless_from)


@given(THRESHOLDS, STATS, COUNTS)
def test_another_finding_never_improves_the_verdict(writer: AnswerWriter, stats: Stats, more: int) -> None:
    worse = stats.model_copy(update={"malicious": stats.malicious + more})

    assert ORDER[writer.verdict_of(worse)] >= ORDER[writer.verdict_of(stats)]


@pytest.mark.parametrize(
    "stats", [None, {}, [], "7", {"malicious": "many"}, {"malicious": -1}, {"harmless": 99, "malicious": 1.5}]
)
def test_invalid_counts_are_unknown(stats: Any) -> None:
    found = Response({"attributes": {"last_analysis_stats": stats}})

    assert host(AnswerWriter().answer(ADDRESS, found)).verdict == "unknown"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = [
    *("as_owner", "country", "date", "host_name", "ip_address", "url", "sha256", "size", "last_analysis_date"),
    *("last_analysis_stats", "last_analysis_results", "popular_threat_classification", "title"),
]
OBJECTS = st.fixed_dictionaries({}, optional={"id": JSON, "attributes": st.dictionaries(st.sampled_from(NAMES), JSON)})


@settings(max_examples=50)
@pytest.mark.parametrize("collection", ["ip_addresses", "domains", "urls", "files"])
@given(document=JSON | OBJECTS, related=st.dictionaries(st.sampled_from(RELATIONSHIPS), st.lists(JSON | OBJECTS)))
def test_any_document_results_in_a_valid_answer(collection: str, document: Any, related: dict[str, list[Any]]) -> None:
    question = Question(collection, "ab" * 32, RELATIONSHIPS)
    answer = AnswerWriter(vendors=("A",), follow_hashes=True).answer(question, Response(document, related))

    kept = read_inspection(json.dumps(answer.model_dump(mode="json", exclude_defaults=True)).encode())
    assert len(kept.contents) == 2


def test_largest_answer_fits() -> None:
    wide = "\N{ROBOT FACE}" * 5_000
    vendors = tuple(f"Engine{number}" for number in range(10))
    stats = {"malicious": 1}
    results = {vendor: {"category": "malicious", "result": wide} for vendor in vendors}

    def item(number: int, **more: Any) -> dict[str, Any]:
        attributes = {"last_analysis_stats": stats, "last_analysis_results": results, "url": wide, "date": 10**9}
        named = {"sha256": f"{number:064x}", "host_name": wide, "last_analysis_date": 10**9}
        return {"id": wide, "attributes": attributes | named | more}

    texts = ("as_owner", "country", "registrar", "title", "meaningful_name", "type_description", "last_final_url")
    found = Response(
        item(0, **dict.fromkeys(texts, wide)),
        {name: [item(place * 100 + number) for number in range(40)] for place, name in enumerate(RELATIONSHIPS)},
        {},
    )
    answer = AnswerWriter(vendors=vendors, follow_hashes=True).answer(ADDRESS, found)

    content = host(answer)
    assert (len(content.related_domains), len(content.related_urls), len(content.related_malware)) == (8, 5, 15)
    assert content.related_domains[0].name == "\N{ROBOT FACE}" * 197 + "..."
    assert len(answer.new_attributes) == 15
    assert len(json.dumps(answer.model_dump(mode="json", exclude_defaults=True))) < MAX_ANSWER_BYTES


def test_newest_come_first() -> None:
    dates = [5, None, 9, 7, "x", True, 10**15]
    resolutions = [
        {"attributes": {"host_name": f"h{place}.example.net", "date": date}} for place, date in enumerate(dates)
    ]
    domains = host(AnswerWriter().answer(ADDRESS, Response({}, {"resolutions": resolutions}))).related_domains

    assert [domain.name[:2] for domain in domains] == ["h2", "h3", "h0", "h1", "h4", "h5", "h6"]
    assert domains[0].timestamp == "1970-01-01T00:00:09Z"


def test_samples_without_findings_are_left_out() -> None:
    clean = {"attributes": {"sha256": "ab" * 32, "last_analysis_stats": {"harmless": 70, "undetected": 3}}}
    answer = AnswerWriter(follow_hashes=True).answer(ADDRESS, Response({}, {"communicating_files": [clean]}))

    assert (host(answer).related_malware, answer.new_attributes) == ((), ())


def test_scans_without_a_verdict_are_left_out() -> None:
    results = {
        "Alpha": {"category": "timeout", "result": None},
        "Beta": {"category": "type-unsupported", "result": None},
        "Gamma": {"category": "undetected", "result": None},
        "Delta": {"category": "malicious", "result": "Worm"},
    }
    document = {"attributes": {"sha256": "ab" * 32, "last_analysis_results": results}}
    answer = AnswerWriter(vendors=("Delta", "alpha", "Beta", "gamma")).answer(
        Question("files", "ab" * 32, ()), Response(document)
    )
    content = answer.contents[0]

    assert isinstance(content, BinaryContent)
    assert [(scan.vendor, scan.name, scan.positive) for scan in content.related_malware[0].scans] == [
        ("Delta", "Worm", True),
        ("gamma", None, False),
    ]


def test_links_lead_to_virustotal_for_any_identifier() -> None:
    for identifier in ("../../evil", "a b", "\u202e", "x?y#z", "ab" * 32):
        link = AnswerWriter().answer(Question("urls", "http://a.b/", ()), Response({"id": identifier})).contents[0].link

        assert link
        assert link.startswith("https://www.virustotal.com/gui/url/")
        assert not set(link.removeprefix("https://www.virustotal.com/gui/url/")) & set("/?# \u202e")


@pytest.mark.parametrize("limit", [None, "A quota of VirusTotal is exceeded (429).", "q" * 900])
def test_an_answer_is_incomplete_if_a_quota_left_out_relationships(limit: str | None) -> None:
    missing = {"resolutions": limit or "It failed."}
    answer = AnswerWriter().answer(ADDRESS, Response({}, {}, missing, limit))
    assert answer.incomplete == (limit and limit[:500])
    assert len(answer.contents) == 3


def test_missing_relationships_are_grouped_by_reason() -> None:
    missing = {"urls": "It failed.", "resolutions": "Not allowed.", "referrer_files": "It failed."}
    note = AnswerWriter().answer(ADDRESS, Response({}, {}, missing)).contents[-1]

    assert isinstance(note, NoteContent)
    assert note.text == "Missing: urls, referrer_files. It failed.\nMissing: resolutions. Not allowed."


def test_sample_of_two_kinds_is_followed_once() -> None:
    item = {"attributes": {"sha256": "ab" * 32, "last_analysis_stats": {"malicious": 1}}}
    related = {"communicating_files": [item], "referrer_files": [item]}
    answer = AnswerWriter(follow_hashes=True).answer(ADDRESS, Response({}, related))

    assert [malware.relation for malware in host(answer).related_malware] == ["communicating", "referrer"]
    assert [(each.value, each.key) for each in answer.new_attributes] == [
        ("ab" * 32, "sample that communicates with it")
    ]
    assert AnswerWriter().answer(ADDRESS, Response({}, related)).new_attributes == ()


@pytest.mark.parametrize("sha256", ["AB" * 32, "ab" * 31, "ab" * 32 + "\n", "zz" * 32, 7, None])
def test_object_without_sha256_is_not_a_sample(sha256: Any) -> None:
    assert read({"attributes": {"sha256": sha256}}).fields.sha256 is None


def test_sample_of_the_readme_is_a_valid_answer() -> None:
    text = (ROOT / "modules" / "virustotal" / "README.md").read_text(encoding="utf-8")
    sample = text.partition("```json\n")[2].partition("```")[0]

    kept = read_inspection(sample.encode())
    assert [content.type for content in kept.contents] == ["host", "note"]
    assert kept.model_dump(mode="json", exclude_defaults=True) == json.loads(sample)

"""Numbers in the documents match the code: limits, times, costs and counts."""

import math
import re
from collections.abc import Iterator

import pytest

from alert_responder import formats
from alert_responder.contracts import alert
from alert_responder.contracts.primitives import MAX_JSON_DEPTH
from alert_responder.domain import (
    aggregation,
    alert_ranking,
    attributes,
    deadlines,
    deliveries,
    lookup_plan,
    material,
    plugin_answers,
    records,
    sources,
    truncation,
)
from alert_responder.formats import extraction, mapping, record
from alert_responder.store import registry
from alert_responder.usecases import emit, review, sweep
from alert_responder_plugins.quarantine import handler as quarantine_handler
from alert_responder_plugins.quarantine import journal
from alert_responder_plugins.quarantine import model as quarantine_model
from alert_responder_plugins.quarantine import proposals as quarantine_planning
from benchmarks.costs import HOURS, PRICES, PROFILES, idle, main, ours
from tests import documents
from tools.paths import ROOT

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
KILOBYTE, MEGABYTE, MEBIBYTE = 1024, 1_000_000, 1024 * 1024

VARIABLES = (ROOT / "variables.tf").read_text(encoding="utf-8")
WORKFLOW = (ROOT / "workflow.tf").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "templates" / "workflow.asl.json.tftpl").read_text(encoding="utf-8")


def default(name: str) -> int:
    """Read the default of an input of the root module."""
    return number(rf'(?ms)^variable "{name}" {{$(?:(?!^}}$).)*?^  default += (\d+)$', VARIABLES)


def number(pattern: str, text: str) -> int:
    """Read the only number that a pattern finds in code."""
    (found,) = set(re.findall(pattern, text))
    return int(found)


MONTH = idle()
SHARD, ALARMS, DASHBOARD = list(MONTH.values())[:3]
ON_DEMAND = HOURS * PRICES["Kinesis on-demand stream-hour"]
REFUSED, OTHERS, REFUSED_IN_INSPECT, REFUSED_IN_EMIT, OTHERS_IN_EMIT = map(
    int, re.findall(r"MaxAttempts\s*= (\d+)", WORKFLOW)
)
RECORD_HOURS = number(r"maximum_record_age_in_seconds\s*= (\d+) \* 60 \* 60", (ROOT / "stream.tf").read_text("utf-8"))
SWEEP_MINUTES = number(r'"rate\((\d+) minutes\)"', (ROOT / "sweeper.tf").read_text("utf-8"))
EXECUTION_HOURS = number(r"execution_timeout_seconds\s*= (\d+) \* 60 \* 60", (ROOT / "workflow.tf").read_text("utf-8"))
REPORT = ours(PROFILES[0])

SENTENCES = {
    "README.md": [
        f"about {SHARD + ALARMS:.0f} USD a month: {SHARD:.0f} for the stream's one shard, {ALARMS:.0f} for alarms; "
        f"{DASHBOARD:.0f} more if the account has three dashboards already",
        f'`stream_mode = "ON_DEMAND"` costs about {ON_DEMAND + ALARMS:.0f} USD idle',
        f"would need {WORDS[math.ceil(ON_DEMAND / SHARD)]} shards or more",
    ],
    "docs/architecture.md": [
        f"{WORDS[records.CHUNK_SIZE]} calls of inspectors at once",
        f"in chunks of {records.CHUNK_SIZE}",
        f"at most {('never', 'once', 'twice')[review.MAX_REPLANS]}",
        f"up to {REFUSED} times with jitter",
        f"in Emit {REFUSED_IN_EMIT} times, in Inspect {REFUSED_IN_INSPECT}",
        f"in Emit {WORDS[OTHERS_IN_EMIT]} times, in the others {WORDS[OTHERS]} times",
        f"above {truncation.MAX_REPORT_BYTES // MEGABYTE} MB",
    ],
    "docs/limits.md": [
        f"At least {documents.PLUG_INS_OF_A_ROLE} inspectors and emitters together, "
        f"since all policies of a role share {documents.ROLE_CHARACTERS:,} characters",
        f"`max_inspections_per_report` lookups ({default('max_inspections_per_report')})",
        f"`max_inspection_depth` ({default('max_inspection_depth')}) deep",
        f"`inspection_timeout_seconds` ({default('inspection_timeout_seconds')}), "
        f"a reviewer {review.REVIEWER_SECONDS} s, "
        f"an emitter {emit.EMITTER_SECONDS} s for each of {WORDS[deliveries.MAX_ATTEMPTS]} tries",
        f"at most {truncation.MAX_REPORT_BYTES // MEGABYTE} MB; of more than "
        f"{2 * material.SHOWN_ALERTS + alert_ranking.SHOWN_WORST} alerts it shows the "
        f"{material.SHOWN_ALERTS} oldest, the "
        f"{material.SHOWN_ALERTS} newest and the {alert_ranking.SHOWN_WORST} worst of the others",
        f"more than {extraction.MAX_ATTRIBUTES:,} attributes, only "
        f"the first {extraction.MAX_ATTRIBUTES:,} are inspected",
        f"A record above {record.MAX_RECORD_BYTES / MEBIBYTE:.1f} MiB is rejected",
        f"less {deadlines.LEAST_CALL_MS // 1000} s for the call; {deadlines.LONGEST_MS // 60_000} minutes at most",
        f"| a reviewer's call | {review.REVIEWER_SECONDS} s |",
        f"| an emitter's call | {emit.EMITTER_SECONDS} s, up to {WORDS[deliveries.MAX_ATTEMPTS]}; "
        f"its lease is {emit.LEASE_MS // 1000} s |",
        f"| registry and settings are cached | {registry.MAX_AGE_MS // 1000} s |",
        f"| a sweep | every {SWEEP_MINUTES} minutes,",
        f"| an execution | {EXECUTION_HOURS} hours and `update_interval_seconds` at most |",
        f"| a record of the stream is delivered to the receptor | {RECORD_HOURS} hours after its arrival at most |",
    ],
    "docs/data.md": [f"Lambda's event source mapping gave up after {WORDS[RECORD_HOURS]} hours"],
    "docs/glossary.md": [
        f"{WORDS[records.MAX_DEAD_ROUNDS]} rounds in a row died",
        f"up to {records.CHUNK_SIZE} calls of inspectors",
    ],
    "docs/alerts.md": [
        f"`aggregation_window_seconds` ({WORDS[default('aggregation_window_seconds') // 3600]} hours)",
        f"It may hold up to {formats.MAX_ALERTS_PER_RECORD:,} alerts and {record.MAX_RECORD_BYTES / MEBIBYTE:.1f} MiB",
        f"`detector` | required, at most {alert.MAX_IDENTIFIER_LENGTH:,} characters",
        f"nested at most {MAX_JSON_DEPTH} levels",
        f"longer than {attributes.MAX_VALUE_LENGTH:,} characters",
        f"more than {extraction.MAX_ATTRIBUTES:,} attributes the first {extraction.MAX_ATTRIBUTES:,} are inspected",
    ],
    "docs/formats.md": [f"more than {mapping.MAX_VALUES:,} values of one event"],
    "docs/plug-ins.md": [
        f"is its answer, at most {plugin_answers.MAX_ANSWER_BYTES // KILOBYTE} KB",
        f"with at most {lookup_plan.MAX_SUMMARY_ATTRIBUTES} of its attributes",
        f"(at most {plugin_answers.MAX_NEW_ATTRIBUTES}, of {attributes.MAX_VALUE_LENGTH:,} characters each",
        f"At most {sources.MAX_SOURCES}, with {alert.MAX_STANDARDS} standards each",
        f"| answer of any plug-in | {plugin_answers.MAX_ANSWER_BYTES // KILOBYTE} KB, "
        f"JSON nested at most {MAX_JSON_DEPTH} levels",
        f"| new attributes of one answer | {plugin_answers.MAX_NEW_ATTRIBUTES}, "
        f"of {attributes.MAX_VALUE_LENGTH:,} characters each |",
        f"`inspection_timeout_seconds` ({default('inspection_timeout_seconds')} by default, "
        f"at most {deadlines.LONGEST_MS // 1000})",
        f"| an emitter's time, tries, state | {emit.EMITTER_SECONDS} s, {deliveries.MAX_ATTEMPTS}, "
        f"{plugin_answers.MAX_STATE_BYTES // KILOBYTE} KB |",
        f"| report | {truncation.MAX_REPORT_BYTES // MEGABYTE} MB |",
        f"{aggregation.MAX_ATTRIBUTES_LENGTH:,} characters of attributes, {extraction.MAX_ATTRIBUTES:,} attributes;",
    ],
    "docs/capacity.md": [
        f"| **a report** | **{REPORT.requests}** | **{REPORT.invocations}** | **{REPORT.transitions}** |",
        f"{REPORT.transitions} states instead of 6",
        f"about {ON_DEMAND:.0f} instead of {SHARD:.2f} ({PRICES['Kinesis on-demand stream-hour']} an hour)",
        "16 calls, 9 invocations and 6 states a report; 5 invocations and 2 states for every further alert",
        *(f"| {what} |" for what in MONTH),
        f"1,000 reports cost {1000 * sum(REPORT.dollars.values()):.2f}",
    ],
    "modules/quarantine/README.md": (
        f"{journal.MAX_NEW_OF_REPORT} new entries within an hour of one report for targets that can be contained, "
        f"{journal.MAX_NEW} of all reports; with `members`, {journal.MAX_NEW_IN_ACCOUNT} in each account",
        f"An entry lists the newest {quarantine_model.MAX_RELEASED_REPORTS} such reports.",
        f"kept, at most {quarantine_planning.MAX_EXAMINED:,} of a report",
        f"{quarantine_handler._EMISSION_SECONDS} s for a report, {quarantine_handler._COMMAND_SECONDS} s for a call of",
    ),
}
SENTENCES |= {
    f"modules/{kind}/README.md": [
        f"All inline policies of a role share {documents.ROLE_CHARACTERS:,} characters: "
        f"enough for {documents.PLUG_INS_OF_A_ROLE} inspectors and emitters together"
    ]
    for kind in ("emitter", "inspector")
}
"""Sentences about the code by document, without line breaks. The predecessor's counts never change."""

# Documents whose counts are checked elsewhere: `make evidence` writes the evidence.
UNCOUNTED = {"docs/evidence.md", "docs/command-line.md", "examples/local/README.md"}
COUNTED = (
    "alarms?|checks?|commands?|decisions?|documents?|emitters?|examples?|formats?|functions?|handlers?|inputs?|"
    "inspectors?|invocations?|languages?|mappings?|metrics?|modules?|outcomes?|outputs?|plug-ins?|resources?|rules?|"
    "runbooks?|runtimes?|schemas?|services?|states?|steps?|tests?|vendors?"
)
_COUNT = re.compile(rf"\b(?:\d[\d,]*|{'|'.join(WORDS[2:])})(?: more)? (?:{COUNTED})\b", re.IGNORECASE)


def prose(name: str) -> str:
    """Read a document without code blocks and generated tables, as one line."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$|<!-- (?:inputs|outputs) -->.*?<!-- end -->", " ", text, flags=re.DOTALL | re.MULTILINE)
    return " ".join(text.split())


def counts(text: str) -> Iterator[str]:
    """Find phrases that count something."""
    for found in _COUNT.finditer(text):
        yield text[max(0, found.start() - 40) : found.end() + 40]


@pytest.mark.parametrize(("name", "sentence"), [(name, text) for name, texts in SENTENCES.items() for text in texts])
def test_a_number_in_a_document_matches_the_code(name: str, sentence: str) -> None:
    assert sentence in prose(name)


@pytest.mark.parametrize("name", sorted({str(path.relative_to(ROOT)) for path in documents.DOCUMENTS} - UNCOUNTED))
def test_documents_have_no_unchecked_counts(name: str) -> None:
    text = prose(name)
    for sentence in SENTENCES.get(name, ()):
        text = text.replace(sentence, " ")

    assert list(counts(text)) == [], "Leave the number out, or compute it in SENTENCES."


@pytest.mark.parametrize(
    ("text", "is_count"),
    [
        ("It has 22 formats.", True),
        ("Mappings for 21 more vendors", True),
        ("Three inspectors, none alike", True),
        ("one format, one inspector", False),
        ("1,000 records", False),
        ("formats of vendors", False),
    ],
)
def test_counts_are_found(text: str, is_count: bool) -> None:
    assert bool(list(counts(text))) == is_count


def test_the_tables_of_costs_are_in_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    printed = [line for line in capsys.readouterr().out.splitlines() if line]

    assert len(printed) > 10
    assert set(printed) <= set((ROOT / "docs" / "capacity.md").read_text(encoding="utf-8").splitlines())


def test_the_list_of_more_vendors_is_complete() -> None:
    text = prose("examples/formats/README.md").split("parses an event of that shape with each. ")[1]

    assert len(text.rstrip(".").split(", ")) == len(list((ROOT / "examples" / "formats").glob("*.json")))


def test_a_sweep_knows_its_schedule_and_ends_before_the_timeout() -> None:
    (timeout,) = re.findall(r"coordinator = \{[^{]*?timeout_seconds +=\s(\d+)", (ROOT / "main.tf").read_text("utf-8"))
    assert sweep.INTERVAL_SECONDS == SWEEP_MINUTES * 60
    assert int(timeout) >= sweep.SWEEP_SECONDS + 60

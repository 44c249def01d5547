"""The issue's title and body, and the comment of a round."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.report import Report
from alert_responder_plugins.github import truncation
from alert_responder_plugins.github.comment import comment
from alert_responder_plugins.github.issue import body, title
from alert_responder_plugins.github.markdown import characters, code, moment
from alert_responder_plugins.github.state import new_findings, next_state, read_state
from alert_responder_plugins.github.truncation import MAX_CHARACTERS, Part, fitted
from tests.fakes.github_markdown import active
from tests.fakes.reports import REPORT_ID, a_finding, a_report, an_alert, an_attribute
from tools.paths import ROOT

REPOSITORY = "https://api.github.com/example/incidents"
EMISSION = f"{REPORT_ID}/github/000002"

HOST: dict[str, Any] = {
    "type": "host",
    "verdict": "malicious",
    "source": "our list",
    "link": "https://lists.example.com/198.51.100.7",
    "country": ["NL"],
    "as_owner": ["Example Hosting"],
    "related_domains": [{"name": "evil.example", "timestamp": "2026-01-30T08:00:00Z", "source": "passive DNS"}],
    "related_urls": [{"url": "https://evil.example/login", "timestamp": "2026-01-30T09:00:00Z", "source": "our list"}],
    "related_malware": [
        {
            "sha256": "5f2b7c0e9a1d4f38",
            "timestamp": "2026-01-29T00:00:00Z",
            "relation": "communicating",
            "scans": [{"vendor": "One", "name": "Trojan.X", "positive": True}, {"vendor": "Two"}],
        }
    ],
}
USER: dict[str, Any] = {
    "type": "user",
    "activities": [
        {
            "service_name": "ec2.amazonaws.com",
            "remote_addr": "198.51.100.7",
            "principal": "alice",
            "action": "RunInstances",
            "last_seen": "2026-01-31T23:58:00Z",
            "count": 2,
            "usual": False,
            "basis": "first time in 30 days; 14 calls before, none from this network",
        }
    ],
}


def the_sample() -> Report:
    """The report in the module's documentation."""
    found_from = {"inspector": "reputation", "attribute_type": "ipaddr", "attribute_value": "198.51.100.7"}
    return a_report(
        "urgent",
        "198.51.100.7 is known for command and control. @octocat, see #1.",
        round=2,
        attributes=[
            an_attribute("evil.example", type="domain", key="", context=["remote"], depth=1, origin=found_from),
            an_attribute(),
            an_attribute('{"session": 4711, "agent": "curl"}', type="json", key="request", context=["additional"]),
        ],
        findings=[
            a_finding("aws-context", attribute_value="alice", attribute_type="username", contents=[USER]),
            a_finding(contents=[HOST]),
            a_finding("whois", outcome="timeout", reason="No answer within 60 s."),
        ],
        notes=["Without an answer: whois: timeout."],
        overview={"severity": "Medium", "accounts": [{"id": "111122223333", "name": "shop"}], "regions": ["eu-west-1"]},
    )


def test_documentation_contains_the_written_text() -> None:
    text = (ROOT / "modules" / "github" / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^````markdown\n(.*?)\n````$", text, re.DOTALL | re.MULTILINE)

    assert shown == [body(the_sample()), comment(the_sample(), EMISSION, "unclassified", frozenset())]


def test_title() -> None:
    assert title(a_report("urgent")) == "urgent: `Login from a new address`"


@pytest.mark.parametrize("letter", ["x", "\U0001d400", "`", "e\u0301", "\u202e"])
def test_title_is_never_too_long(letter: str) -> None:
    assert characters(title(a_report("unclassified", title=letter * 3_000))) <= 256


def test_order_does_not_depend_on_the_input() -> None:
    malware = [{"sha256": name, "scans": [{"vendor": "v", "positive": name == "c"}]} for name in "abc"]
    first = a_report(findings=[a_finding(contents=[{"type": "binary", "related_malware": malware}])])
    second = a_report(findings=[a_finding(contents=[{"type": "binary", "related_malware": malware[::-1]}])])
    made = comment(first, EMISSION, None, frozenset())

    assert made == comment(second, EMISSION, None, frozenset())
    assert re.findall(r"\| `([abc])` \|", made) == ["c", "a", "b"]


def test_equal_rows_are_written_once() -> None:
    domain = {"name": "evil.example"}
    content = {"type": "host", "related_domains": [domain, domain]}
    made = comment(a_report(findings=[a_finding(contents=[content, content])]), EMISSION, None, frozenset())

    assert made.count("`evil[.]example`") == 1


def test_newest_rows_come_first_and_those_without_a_time_last() -> None:
    times = {"a": None, "b": "2026-01-01T00:00:00Z", "c": "2026-01-02T00:00:00Z"}
    content = {"type": "host", "related_domains": [{"name": name, "timestamp": time} for name, time in times.items()]}
    made = comment(a_report(findings=[a_finding(contents=[content])]), EMISSION, None, frozenset())

    assert re.findall(r"\| `([abc])` \|", made) == ["c", "b", "a"]


@pytest.mark.parametrize("attribute", ['{"a": 1', "NaN", "[" * 100_000, '"\\ud800"'])
def test_invalid_json_attribute_is_inactive_text(attribute: str) -> None:
    made = body(a_report(attributes=[an_attribute(attribute, type="json")]))

    assert "## JSON attributes" in made
    assert active(made) == []


def test_json_attribute_is_not_defanged() -> None:
    document = {"url": "https://evil.example/a.b", "name": "東京\u202e"}
    made = body(a_report(attributes=[an_attribute(json.dumps(document), type="json")]))

    assert '"name": "東京\\u202e"' in made
    assert '"url": "https://evil.example/a.b"' in made


def test_empty_report() -> None:
    report = a_report(alerts=[], alert_count=0, attributes=[], findings=[], reason="")
    made = body(report), comment(report, EMISSION, None, frozenset())

    assert "No findings." in made[1]
    assert [active(each) for each in made] == [[], []]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-02-01T01:00:01.250+01:00", "`2026-02-01 00:00:01 UTC`"),
        ("yesterday", "`yesterday`"),
        ("", "-"),
        (None, "-"),
        ("0001-01-01T00:00:00Z", "-"),
    ],
)
def test_moment(text: str | None, wanted: str) -> None:
    assert moment(text) == wanted


def test_code_span_with_backticks() -> None:
    assert code("`") == "`` ` ``"
    assert code("a `b` c") == "``a `b` c``"


# New findings.


def test_only_new_findings_are_shown_again() -> None:
    report = the_sample()
    state = next_state(report, REPOSITORY, 1)
    more = a_report(findings=[*report.model_dump()["findings"], a_finding("sandbox", contents=[USER])])

    assert [finding.inspector for finding in new_findings(more.findings, state.findings)] == ["sandbox"]


@pytest.mark.parametrize("change", [{"seconds": 7.0}, {"depth": 1}])
def test_finding_with_another_duration_is_not_new(change: dict[str, Any]) -> None:
    state = next_state(a_report(findings=[a_finding(contents=[HOST])]), REPOSITORY, 1)

    assert new_findings(a_report(findings=[a_finding(contents=[HOST], **change)]).findings, state.findings) == ()


@pytest.mark.parametrize(
    "change", [{"outcome": "cached"}, {"contents": [USER]}, {"reason": "x"}, {"attribute_id": "x"}]
)
def test_finding_with_another_answer_is_new(change: dict[str, Any]) -> None:
    state = next_state(a_report(findings=[a_finding(contents=[HOST])]), REPOSITORY, 1)
    fields: dict[str, Any] = {"contents": [HOST], **change}
    findings = [a_finding(**fields)]

    assert len(new_findings(a_report(findings=findings).findings, state.findings)) == 1


def test_written_state_can_be_read() -> None:
    state = next_state(the_sample(), REPOSITORY, 12)
    document = json.loads(json.dumps(state.as_json()))

    assert read_state(document, REPOSITORY) == state
    assert document["findings"] == sorted(document["findings"])


def test_state_of_the_largest_report_fits() -> None:
    findings = [a_finding(attribute_id=str(number)) for number in range(500)]
    state = next_state(a_report(findings=findings), REPOSITORY, 12).as_json()

    assert len(json.dumps(state)) < 32_000


@pytest.mark.parametrize(
    "state",
    [
        None,
        7,
        "12",
        [],
        {},
        {"issue": 12},
        {"issue": 0, "repository": REPOSITORY},
        {"issue": 12, "repository": "https://api.github.com/example/other"},
    ],
)
def test_invalid_state_is_ignored(state: object) -> None:
    assert read_state(state, REPOSITORY) is None


def test_state_of_another_version_is_read() -> None:
    state = read_state({"issue": 12, "repository": REPOSITORY, "new": 1}, REPOSITORY)

    assert state is not None
    assert (state.issue, state.severity, state.findings) == (12, None, frozenset())


# Size.


def huge() -> Report:
    attributes = [an_attribute("x" * 4_000 + str(number), id=str(number)) for number in range(500)]
    attributes += [an_attribute(json.dumps({"a": "\U0001d400" * 9_000}), type="json", key=str(n)) for n in range(9)]
    domains = [{"name": f"{number}.example", "source": "s" * 400} for number in range(5_000)]
    contents = [{"type": "host", "related_domains": domains, "verdict": "malicious"}]
    contents += [{"type": "note", "title": "t", "text": "x" * 90_000, "data": ["`" * 90_000]}] * 9
    return a_report(
        "urgent",
        "r" * 9_000,
        alerts=[an_alert(description="d" * 9_000 + str(number)) for number in range(20)],
        attributes=attributes,
        findings=[a_finding(contents=contents)]
        + [a_finding(str(n), outcome="error", reason="e" * 999) for n in range(500)],
        notes=["n" * 9_000] * 99,
    )


def test_least_important_rows_are_left_out_first() -> None:
    made = body(huge()), comment(huge(), EMISSION, None, frozenset())

    assert all(60_000 < characters(each) <= MAX_CHARACTERS for each in made)
    assert "## JSON attributes\n\n_9 of 9 rows left out." in made[0]
    assert "**malicious**" in made[1]
    assert re.search(r"### Domains.*_[0-9,]+ of 5,000 rows left out\.", made[1], re.DOTALL)
    assert [active(each) for each in made] == [[], []]


def test_rows_that_cannot_fit_are_counted_and_not_written() -> None:
    """An emitter has 30 s on a fraction of a processor."""
    many = [{"principal": f"user{number}", "action": "x" * 40} for number in range(20_000)]
    made = a_report("urgent", findings=[a_finding(contents=[{"type": "host", "activities": many}])])
    began = time.process_time()
    text = comment(made, EMISSION, None, frozenset())

    assert time.process_time() - began < 4
    assert 60_000 < characters(text) <= MAX_CHARACTERS
    (left_out,) = re.findall(r"_([0-9,]+) of 20,000 rows left out\.", text)
    assert int(left_out.replace(",", "")) + text.count("`user") == 20_000


def test_the_most_telling_activities_come_first_in_the_issue_and_in_the_comment() -> None:
    activities = [{"action": f"List{number}", "usual": True, "count": number} for number in range(5)]
    activities += [{"action": "Login"}, {"action": "CreateUser", "usual": False, "basis": "`first` time | in 30 days"}]
    made = a_report("urgent", findings=[a_finding(contents=[{"type": "user", "activities": activities}])])

    assert (
        "## Activities\n\n"
        "- ``CreateUser, new: `first` time | in 30 days``\n- `Login`\n- `List4, 4 times, usual`\n"
        "- 4 more are in the comments\n\n## Alerts"
    ) in body(made)
    rows = re.findall(
        r"^\| .*`(CreateUser|Login|List.)`.* \| (.+) \| (.+) \|$", comment(made, EMISSION, None, frozenset()), re.M
    )
    assert rows[0] == ("CreateUser", "-", "``new: `first` time \\| in 30 days``")
    assert rows[1:3] == [("Login", "-", "`not known`"), ("List4", "4", "`usual`")]
    assert [active(text) for text in (body(made), comment(made, EMISSION, None, frozenset()))] == [[], []]


ROWS = st.lists(st.text(alphabet="x\U0001d400", max_size=60), max_size=12).map(tuple)


@given(st.lists(st.tuples(ROWS, st.integers(1, 4)), max_size=5), st.integers(600, 900))
def test_text_fits(parts: list[tuple[tuple[str, ...], int]], most: int) -> None:
    made = [Part(f"## {number}", rows, weight) for number, (rows, weight) in enumerate(parts)]
    text = fitted("beginning", made, most)

    assert characters(text) <= most
    left_out = sum(int(found) for found in re.findall(r"_([0-9]+) of [0-9]+ rows", text))
    assert left_out == sum(len(rows) for rows, _ in parts) - _shown(text, made)
    if left_out:
        # No more than necessary: with one more row it would not fit.
        longest = max(characters(row) for rows, _ in parts for row in rows)
        assert characters(text) + longest + 100 * len(parts) > most


def _shown(text: str, parts: list[Part]) -> int:
    lines = [line for line in text.split("\n") if not line.startswith(("## ", "_", "beginning"))]
    # Empty rows are lines too; separators of parts and notes are subtracted.
    noted = text.count(" rows left out.")
    return len(lines) - sum(1 for part in parts if part.rows) - noted


def test_text_that_fits_has_no_note() -> None:
    assert truncation.fitted("b", [Part("h", ("r",), 1), Part("none", (), 9)]) == "b\n\nh\nr"


def test_incomplete_report_names_missing_parts() -> None:
    cut = [{"what": "findings", "count": 2, "reason": "Size."}, {"what": "findings", "count": 3, "reason": "Size."}]
    assert "| Incomplete | 5 findings missing |" in body(a_report(complete=False, omissions=cut))
    assert "missing" not in body(a_report())

"""`policy check` names what is wrong, where, and what is allowed."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alert_responder.formats.mapping import compile_expression
from alert_responder_cli.policy.expressions import unknown_fields
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.policy.policy_files import SCANNER, YAML, suppressing, write_policy
from tools.paths import ROOT


def texts(path: Path, *options: str, code: int = 0, level: str | None = None) -> list[str]:
    found = answer("policy", "check", path, *options, code=code)
    return [each["text"] for each in found["problems"] if level in (None, each["level"])]


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def current(**fields: Any) -> dict[str, Any]:
    return {**SCANNER, "starts": in_days(-10), "expires": in_days(60), **fields}


def test_a_good_policy_has_no_problem(tmp_path: Path) -> None:
    found = answer("policy", "check", write_policy(tmp_path))

    assert found == {
        "file": str(tmp_path / "policy.yaml"),
        "rules": 1,
        "suppressions": 0,
        "tests": 0,
        "reports": 0,
        "problems": [],
    }
    assert (
        "1 rule, 0 suppressions, 0 tests: 0 errors, 0 warnings."
        in run("policy", "check", tmp_path / "policy.yaml").output
    )


def test_the_documented_policy_has_no_errors(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    path = write_policy(tmp_path, document.split("```yaml\n", 1)[1].split("```", 1)[0])

    assert texts(path, level="error") == []


@pytest.mark.parametrize(
    ("wrong", "right", "text", "line"),
    [
        ("severity: urgent", "severty: urgent", "rules[0].severty is not allowed; did you mean severity? Allowed: ", 4),
        ("verdict: malicious", "verdict: evil", "rules[0].match.verdict[0] must be 'malicious'", 3),
        ("context: remote", "contexts: remote", "rules[0].match.contexts is not allowed; did you mean context?", 3),
        ("{attribute} is", "{atribute} is", "rules[0].reason must not contain {atribute}; allowed: {account}, ", 5),
        ("severity: unclassified", "severity: fatal", "default.severity must be 'safe', 'unclassified' or 'urgent'", 7),
        ("labels: [network]", "labels: [NETWORK]", "rules[0].labels[0]", 6),
        ("rules:", "rulez:", "rulez is not allowed; did you mean rules?", 1),
    ],
)
def test_an_invalid_field_is_named_with_its_line(tmp_path: Path, wrong: str, right: str, text: str, line: int) -> None:
    path = write_policy(tmp_path, YAML.replace(wrong, right, 1))

    (problem, *_) = [each for each in answer("policy", "check", path, code=1)["problems"] if text in each["text"]]
    shown = run("policy", "check", path)

    assert (problem["level"], problem["line"]) == ("error", line)
    assert f"error: {path}:{line}: {problem['text']}" in shown.output
    assert shown.exit_code == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"owner": None}, "suppressions[0].owner must be a string"),
        ({"owner": " "}, "suppressions[0].owner must not be blank"),
        ({"expires": "2027-01-01"}, "suppressions[0]: expires must be at most 90 days after starts"),
        (
            {"match": {"severity": "low"}},
            "suppressions[0].match must contain detector, rule, attribute, account or tag",
        ),
        ({"weekly": {"from": "22:00", "to": "04:00", "timezone": "Berlin"}}, "must be a time zone"),
        ({"match": {"attribute": {"cidr": "192.0.2.1/24"}}}, "must be a network such as 192.0.2.0/24"),
    ],
)
def test_an_invalid_suppression_is_refused(tmp_path: Path, field: dict[str, Any], text: str) -> None:
    assert any(text in each for each in texts(write_policy(tmp_path, suppressing(**field)), code=1))


def test_a_suppression_without_an_owner_is_refused(tmp_path: Path) -> None:
    rule = {name: value for name, value in SCANNER.items() if name not in ("owner", "expires")}

    assert texts(write_policy(tmp_path, {"suppressions": [rule]}), code=1) == [
        "suppressions[0].owner is required",
        "suppressions[0].expires is required",
    ]


@pytest.mark.parametrize(
    "text", ["a: b: c", "[", "- a", "", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_what_is_not_a_policy_is_refused(tmp_path: Path, text: str) -> None:
    assert texts(write_policy(tmp_path, text), code=1)


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"rules": [], "rules": []}', "[" * 5000, "NaN"])
def test_json_is_read_by_its_suffix(tmp_path: Path, text: str) -> None:
    assert texts(write_policy(tmp_path, text, "policy.json"), code=1)
    assert texts(write_policy(tmp_path, {"rules": []}, "policy.json")) == []


def test_a_policy_that_is_too_large_is_refused(tmp_path: Path) -> None:
    rules = [{"name": f"r{n}", "severity": "urgent", "match": {"rule": ["x" * 290] * 400}} for n in range(4)]
    path = write_policy(tmp_path, {"rules": rules}, "policy.json")

    assert texts(path, code=1)[0].startswith("policy must have at most 350,000 bytes as JSON, got 4")


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    result = run("policy", "check", tmp_path / "none.yaml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"The policy {tmp_path / 'none.yaml'} cannot be read: No such file" in result.stderr


def test_text_of_the_file_does_not_reach_the_terminal(tmp_path: Path) -> None:
    path = write_policy(tmp_path, {"rules": [{"name": "a", "severity": "urgent", "x\x1b[31m": 1}]}, "policy.json")

    assert "\x1b" not in run("policy", "check", path).output


@pytest.mark.parametrize(
    "key", ["k" * 400_000, "k." * 200_000, ".a is not allowed; allowed: b" * 5_000, "\x00", "\\ud800"]
)
def test_strange_keys_are_named_quickly(tmp_path: Path, key: str) -> None:
    begun = time.process_time()
    for name in ("policy.json", "policy.yaml"):
        for text in ('{"rules": [{"KEY": 1}]}', '{"rules": [{"name": "a", "match": {"tag": {"KEY": [1]}}}]}'):
            path = write_policy(tmp_path, text.replace("KEY", json.dumps(key)[1:-1].replace("\\\\", "\\")), name)
            assert texts(path, code=1)
    assert time.process_time() - begun < 10


def test_an_endless_file_is_too_large() -> None:
    result = run("policy", "check", "/dev/zero")

    assert result.exit_code == 2
    assert "has more than 2,000,000 bytes" in result.stderr


def test_an_invalid_expression_is_an_error(tmp_path: Path) -> None:
    rules = [{"name": "a", "severity": "urgent", "when": "alert_count >"}]

    (text,) = texts(write_policy(tmp_path, {"rules": rules}), code=1)

    assert text.startswith("rules[0].when of a counts as not matching: invalid JMESPath: ")


def test_an_expression_on_an_unknown_field_is_a_warning(tmp_path: Path) -> None:
    rules = [{"name": "a", "severity": "urgent", "when": "verdict == 'malicious' || alert_cont > `3`"}]
    path = write_policy(tmp_path, {"rules": rules})

    known, misspelt = texts(path)

    assert known.startswith("rules[0].when of a reads verdict, which is always null; allowed: accounts, ")
    assert misspelt == "rules[0].when of a reads alert_cont, which is always null; did you mean alert_count?"
    assert texts(path, "--strict", code=1) == [known, misspelt]


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("alert_count >= 5 && title == 'a = 1 or b'", "; write numbers in backticks: `5`"),
        ("title == '7 = 7' and overflow", "; write && instead of and"),
        ("test || not overflow", "; write ! instead of not"),
        ("detector = 'vpn'", "; write == to compare"),
        ('detector == "vpn"', "; write texts in single quotes: 'vpn'"),
        ("detector == vpn", "; write texts in single quotes: 'vpn'"),
        ("overflow == true", "; write constants in backticks: `true`"),
    ],
)
def test_a_constant_or_operator_of_other_languages_is_explained(tmp_path: Path, expression: str, hint: str) -> None:
    rules = [{"name": "a", "severity": "urgent", "when": expression}]

    (problem,) = answer("policy", "check", write_policy(tmp_path, {"rules": rules}), "--strict", code=1)["problems"]

    assert problem["text"].endswith(hint)


def test_an_unknown_attribute_type_is_a_warning(tmp_path: Path) -> None:
    match = {"attribute": [{"type": ["ipaddr", "x-badge"]}, {"type": ["ip"]}], "attribute_type": ["badge", "network"]}
    path = write_policy(tmp_path, {"rules": [{"name": "a", "severity": "urgent", "match": match}]})

    assert texts(path, level="warning") == [
        "rules[0].match.attribute[1].type of a: The attribute type ip is unknown. Did you mean ipaddr?",
        "rules[0].match.attribute_type of a: The attribute type badge is unknown. Start the names of custom types with "
        "x-.",
    ]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("    reason: ours: ticket 1", "mapping values are not allowed in this context; put a text that "),
        ("    reason: {title} again", "; put a text that begins with a special character or contains ': ' in quotes"),
        ("    match: {rule: *recon}", "; put a text that begins with * in quotes"),
        ("\treason: ours", "; indent with spaces, not with tabs"),
        (
            "    match: {rule: [a, null]}",
            "rules[0].match.rule[1] must be a string, got null; in YAML, # after a space begins a comment",
        ),
        ("    reason: 42", "rules[0].reason must be a string, got 42; put it in quotes"),
        ("    match: {rule: [a, 7]}", "rules[0].match.rule[1] must be a string, got 7; put it in quotes"),
        ("    match: {rule: 7}", "rules[0].match.rule[0] must be a string, got 7; put it in quotes"),
    ],
)
def test_missing_quotes_are_explained(tmp_path: Path, lines: str, text: str) -> None:
    path = write_policy(tmp_path, f"rules:\n  - name: a\n    severity: urgent\n{lines}\n")

    (problem,) = answer("policy", "check", path, code=1)["problems"]

    assert text in problem["text"]
    assert problem["line"] == 4


@pytest.mark.parametrize(
    ("expression", "unknown"),
    [
        ("attributes[?type == 'ipaddr' && key == 'a'].value | [0]", []),
        ("body.detail.kind", []),
        ("sort_by(attributes, &value)[0].type", []),
        ("@", []),
        ("length(findings) > `0`", ["findings"]),
        ("{a: findings, b: [verdicts, title]}", ["findings", "verdicts"]),
        ("!(bodies[].x)", ["bodies"]),
    ],
)
def test_only_fields_of_the_view_are_compared_with_the_view(expression: str, unknown: list[str]) -> None:
    assert unknown_fields(compile_expression(expression)) == unknown


def rules(*given: dict[str, Any], default: str = "unclassified") -> dict[str, Any]:
    named = [{"name": f"r{number}", **rule} for number, rule in enumerate(given)]
    return {"rules": named, "default": {"severity": default}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            rules({"severity": "urgent", "match": {"rule": "a*"}}, {"severity": "urgent", "match": {"rule": "ab"}}),
            ["rules[1] r1 has no effect: the rule r0 comes before it and matches whatever it matches"],
        ),
        (
            rules({"severity": "unclassified", "match": {"rule": "b"}}, {"severity": "urgent", "match": {"rule": "*"}}),
            ["rules[0] r0 has no effect: the rule r1 gives urgent and matches whatever it matches"],
        ),
        (
            rules({"severity": "safe", "match": {"detector": "x"}}, {"severity": "urgent"}),
            ["rules[0] r0 has no effect: the rule r1 gives urgent and matches whatever it matches"],
        ),
        (rules({"severity": "urgent", "match": {"rule": "ab"}}, {"severity": "urgent", "match": {"rule": "a*"}}), []),
        (rules({"severity": "safe"}, {"severity": "safe", "match": {"rule": "x"}}), ["rules[1] r1 has no effect: "]),
        # A rule that lowers does not match all that one that raises does.
        (rules({"severity": "unclassified"}, {"severity": "safe", "match": {"rule": "a"}}, default="safe"), [
            "rules[1] r1 has no effect: the rule r0 gives unclassified and matches whatever it matches"
        ]),
        (rules({"severity": "unclassified"}, {"severity": "safe", "match": {"rule": "a"}}, default="urgent"), [
            "rules[1] r1 has no effect: the rule r0 gives unclassified and matches whatever it matches"
        ]),
    ],
)  # fmt: skip
def test_a_rule_that_another_one_hides_is_a_warning(tmp_path: Path, given: Any, expected: list[str]) -> None:
    found = texts(write_policy(tmp_path, given), level="warning")

    assert len(found) == len(expected)
    assert all(text.startswith(each) for text, each in zip(found, expected, strict=True))


def test_suppressions_that_overlap_or_have_expired_are_warnings(tmp_path: Path) -> None:
    wide = {"detector": "guardduty", "rule": "Recon:*"}
    narrow = {"detector": "guardduty", "rule": "Recon:EC2/*"}
    given = [
        current(name="narrow", match=narrow),
        current(name="wide", match=wide),
        current(name="same", match=narrow, starts=in_days(-5)),
        current(name="later", match=narrow, starts=in_days(60), expires=in_days(90)),
        current(name="other", match={"detector": "vpn"}),
        current(name="old", match=narrow, starts=in_days(-80), expires=in_days(-12)),
    ]

    assert texts(write_policy(tmp_path, {"suppressions": given})) == [
        "suppressions[1] wide overlaps narrow, which comes first where both match",
        "suppressions[2] same has no effect: narrow comes before it and matches whatever it matches",
        f"suppressions[5].expires of old is {in_days(-12)}, in the past: the suppression counts as not matching",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"unless": {"alert_count_above": 5}}, {}),
        ({}, {"despite": ["malicious"]}),
        ({}, {"trust_native": True}),
        ({"weekly": {"from": "22:00", "to": "04:00"}}, {}),
    ],
)
def test_a_suppression_with_other_exceptions_only_overlaps(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    given = [current(name="a", **first), current(name="b", **second)]

    assert texts(write_policy(tmp_path, {"suppressions": given})) == [
        "suppressions[1] b overlaps a, which comes first where both match"
    ]

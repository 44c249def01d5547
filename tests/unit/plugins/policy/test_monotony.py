"""Evidence only raises: whatever is added to a report, or missing in it, never lowers the severity."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alert_responder.contracts.primitives import SEVERITIES, is_worse
from alert_responder.contracts.report import Report
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.domain.overview import overview
from alert_responder_plugins.policy.model import InvalidPolicyError, Policy, read_policy
from tests.unit.plugins.policy.builders import NOW, alert, attribute, decide, finding, report

ADDRESSES = ("192.0.2.1", "192.0.2.53", "198.51.100.7", "203.0.113.9")
WORDS = ("low", "medium", "high", "critical", None)
VERDICTS = ("malicious", "suspicious", "harmless", "unknown")
ACCOUNTS = ("111122223333", "444455556666")
DIRECTORY = Directory(
    accounts=(
        AccountFacts(id=ACCOUNTS[0], name="a", status="active", kind="member", unit="Root/Sandbox", owner="web"),
        AccountFacts(id=ACCOUNTS[1], name="b", status="active", kind="member", unit="Root/Prod", environment="prod"),
    ),
    read_at=1769904000000,
)
origins = st.sampled_from(
    [None, *({"account": account, "verified": verified} for account in ACCOUNTS for verified in (True, False))]
)
RULE_NAMES = ("Port scan", "Brute force")

attributes = st.one_of(
    st.builds(attribute, st.sampled_from(ADDRESSES), context=st.sampled_from([["remote"], ["local"], []])),
    st.builds(attribute, st.sampled_from(["alice", "bob"]), st.just("username"), st.sampled_from([["subject"], []])),
    st.builds(attribute, st.sampled_from(ACCOUNTS), st.just("account"), st.just([])),
)


@st.composite
def alerts(draw: st.DrawFn) -> tuple[Any, list[Any]]:
    found = draw(st.lists(attributes, max_size=3))
    severity = draw(st.sampled_from(WORDS))
    hour = draw(st.integers(0, 23))
    name = draw(st.sampled_from(RULE_NAMES))
    shown = alert(
        *found, severity=severity, rule_name=name, arrived_at=f"2026-02-01T{hour:02}:10:00Z", origin=draw(origins)
    )
    return shown, found


def built(parts: list[tuple[Any, list[Any]]], findings: list[Any], **fields: Any) -> Report:
    known: dict[str, Any] = {}
    for each in (each for _, found in parts for each in found):
        # As in a compiled report, an attribute has the contexts of all alerts.
        contexts = {*each["context"], *known.get(each["id"], each)["context"]}
        known[each["id"]] = {**each, "context": sorted(contexts)}
    made = report(*known.values(), alerts=[part for part, _ in parts], findings=findings, **fields)
    summary = overview(made.alerts, (), made.attributes, made.sources, made.findings, DIRECTORY)
    return made.model_copy(update={"overview": summary})


findings = st.builds(
    finding,
    st.sampled_from(ADDRESSES),
    st.sampled_from([*VERDICTS, None]),
    outcome=st.sampled_from(["ok", "empty", "timeout"]),
)
some = st.lists
CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "detector": st.sampled_from(["guard*", "okta"]),
    "rule": st.sampled_from(["Port*", "*"]),
    "severity": some(st.sampled_from(["low", "medium", "high"]), min_size=1, max_size=2),
    "account": some(st.sampled_from(ACCOUNTS), min_size=1, max_size=2),
    "account_unit": st.sampled_from(["Root", "Root/Sandbox", "*/Prod"]),
    "account_owner": st.just("web"),
    "account_environment": st.just("prod"),
    "account_name": st.sampled_from(["a", "?"]),
    "attribute": st.sampled_from(
        [{"type": "ipaddr", "cidr": "192.0.2.0/24"}, {"type": "ipaddr", "value": "198.*"}, {"type": "username"}]
    ),
    "attribute_type": some(st.sampled_from(["ipaddr", "username"]), min_size=1, max_size=2),
    "context": st.sampled_from(["remote", "local", "subject"]),
    "verdict": some(st.sampled_from(VERDICTS), min_size=1, max_size=3),
    "outcome": some(st.sampled_from(["ok", "empty", "timeout"]), min_size=1, max_size=3),
    "complete": st.booleans(),
    "alert_count": st.one_of(
        st.builds(lambda n: {"min": n}, st.integers(0, 4)), st.builds(lambda n: {"max": n}, st.integers(0, 4))
    ),
    "time": st.sampled_from([{"from": "22:00", "to": "06:00"}, {"from": "06:00", "to": "22:00"}]),
}
# Few at once: a match of many conditions hardly ever holds, and nothing could be lost then.
conditions = st.lists(st.sampled_from(sorted(CONDITIONS)), max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: CONDITIONS[name] for name in names})
)
EXPRESSIONS = (None, "alert_count > `1`", "attributes[?type == 'ipaddr']", "length(alert_count)", "findings")
rules = st.fixed_dictionaries(
    {"match": conditions, "severity": st.sampled_from(SEVERITIES)}, optional={"when": st.sampled_from(EXPRESSIONS[1:])}
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Generate a policy; a rule that the model refuses is left out."""
    severity = draw(st.sampled_from(SEVERITIES))
    default = {"severity": severity}
    kept: list[dict[str, Any]] = []
    drawn: list[Any] = draw(st.lists(rules, min_size=1, max_size=5))
    for number, rule in enumerate(drawn):
        lowers = rule["severity"] == "safe" or is_worse(severity, rule["severity"])
        # An expression may be about anything: those that grow with the alerts are only in rules that raise.
        named = {name: value for name, value in rule.items() if name != "when" or not lowers}
        try:
            read_policy({"rules": [{**named, "name": f"r{number}"}], "default": default})
        except InvalidPolicyError:
            continue
        kept.append({**named, "name": f"r{number}"})
    return read_policy({"rules": kept, "default": default})


suppressions = st.fixed_dictionaries(
    {
        "match": conditions.map(lambda match: {"detector": "guard*", **match}),
        "owner": st.just("a"),
        "reason": st.just("b"),
        "starts": st.sampled_from(["2026-01-01", "2026-01-31"]),
        "expires": st.sampled_from(["2026-02-01", "2026-02-28"]),
    },
    optional={
        "when": st.sampled_from(["detector", "attributes", "length(alert_count)"]),
        "unless": st.sampled_from([{"new_principal": True}, {"alert_count_above": 2}]),
        "despite": st.lists(st.sampled_from(["malicious", "incomplete", "raised"]), max_size=2),
        "trust_native": st.booleans(),
        "weekly": st.sampled_from([{"from": "22:00", "to": "06:00"}, {"from": "06:00", "to": "05:59"}]),
    },
)


@st.composite
def suppressing_policies(draw: st.DrawFn) -> Policy:
    """Generate a policy with suppressions; one that the model refuses is left out."""
    made = draw(policies()).model_dump(by_alias=True, exclude_defaults=True)
    kept: list[dict[str, Any]] = []
    for number, each in enumerate(draw(st.lists(suppressions, min_size=1, max_size=3))):
        try:
            read_policy({"suppressions": [{**each, "name": f"s{number}"}]})
        except InvalidPolicyError:
            continue
        kept.append({**each, "name": f"s{number}"})
    return read_policy({**made, "suppressions": kept})


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(policies(), st.lists(alerts(), min_size=1, max_size=4), st.lists(findings, max_size=3), st.booleans())
def test_a_malicious_finding_never_lowers_the_severity(
    made: Policy, parts: list[tuple[Any, list[Any]]], known: list[Any], complete: bool
) -> None:
    before = decide(made, built(parts, known, complete=complete))
    for address in ADDRESSES:
        more = [*known, finding(address, verdict="malicious", inspector="virustotal")]
        after = decide(made, built(parts, more, complete=complete))
        assert not is_worse(before.severity, after.severity), (before.rule, after.rule)


@SLOW
@given(policies(), st.lists(alerts(), min_size=1, max_size=4), alerts(), st.lists(findings, max_size=3), st.booleans())
def test_an_alert_never_lowers_the_severity(
    made: Policy, parts: list[tuple[Any, list[Any]]], new: tuple[Any, list[Any]], known: list[Any], complete: bool
) -> None:
    before = decide(made, built(parts, known, complete=complete))
    after = decide(made, built([*parts, new], known, complete=complete))
    assert not is_worse(before.severity, after.severity), (before.rule, after.rule)


@SLOW
@given(policies(), st.lists(alerts(), min_size=1, max_size=4), st.lists(findings, max_size=3))
def test_a_report_that_is_not_complete_is_never_rated_lower(
    made: Policy, parts: list[tuple[Any, list[Any]]], known: list[Any]
) -> None:
    before, after = decide(made, built(parts, known)), decide(made, built(parts, known, complete=False))
    assert not is_worse(before.severity, after.severity), (before.rule, after.rule)


@SLOW
@given(suppressing_policies(), st.lists(alerts(), min_size=1, max_size=4), alerts(), st.lists(findings, max_size=3))
def test_no_evidence_makes_a_suppression_apply(
    made: Policy, parts: list[tuple[Any, list[Any]]], new: tuple[Any, list[Any]], known: list[Any]
) -> None:
    before = decide(made, built(parts, known))
    native = [({**one, "native": True}, found) for one, found in parts]
    failed = [finding(ADDRESSES[0], outcome="error", inspector="aws-context")]
    malicious = [finding(ADDRESSES[1], verdict="malicious")]
    cases = [
        built([*parts, new], known),
        built(native, known, native_alerts=len(native)),
        built(parts, known, native_alerts=1),
        built(parts, [*known, *failed]),
        built(parts, known, complete=False),
        built(parts, known, test=True),
        built(parts, known, alert_count=len(parts) + 1),
    ]
    if not any("malicious" in each.despite for each in made.suppressions):
        cases.append(built(parts, [*known, *malicious]))
    for case in cases:
        after = decide(made, case)
        assert not is_worse(before.severity, after.severity), (before, after)


@SLOW
@given(
    suppressing_policies(), st.lists(alerts(), min_size=1, max_size=4), st.lists(findings, max_size=3), st.booleans()
)
def test_what_is_suppressed_is_neither_malicious_nor_incomplete_nor_raised_nor_somebody_else_s(
    made: Policy, parts: list[tuple[Any, list[Any]]], known: list[Any], complete: bool
) -> None:
    of = built(parts, known, complete=complete)
    decision = decide(made, of)
    if decision.suppressed is None or decision.breakthrough:
        return
    (rule,) = [each for each in made.suppressions if each.name == decision.suppressed.name]
    assert rule.starts <= NOW < rule.expires
    assert complete or "incomplete" in rule.despite
    assert "malicious" in rule.despite or all(
        content.verdict != "malicious" for each in of.findings for content in each.contents
    )
    ranks = [WORDS.index(alert.severity) if alert.severity else -1 for alert in of.alerts]
    assert "raised" in rule.despite or max(ranks) == ranks[0]
    if rule.match.attribute and rule.match.attribute[0].cidr:
        assert all(each.value in ADDRESSES[:2] for each in of.attributes if "remote" in each.context)


@SLOW
@given(suppressing_policies(), st.lists(alerts(), min_size=1, max_size=4), st.lists(findings, max_size=3))
def test_a_broken_rule_never_lowers_the_severity_and_is_named(
    made: Policy, parts: list[tuple[Any, list[Any]]], known: list[Any]
) -> None:
    of = built(parts, known)
    broken = {"name": "broken", "severity": "urgent", "when": "abs(title)"}
    document = made.model_dump(by_alias=True, exclude_defaults=True)
    more = read_policy({**document, "rules": [*document.get("rules", ()), broken]})
    before, after = decide(made, of), decide(more, of)
    assert not is_worse(before.severity, after.severity)
    assert [each for each in after.faults if each not in before.faults] == [
        "Policy: the rule broken counts as not matching: when: the expression fails: abs() needs number, got string."
    ]


SCAN, OTHER = attribute(ADDRESSES[1]), attribute(ADDRESSES[2])
ACCOUNT, OTHER_ACCOUNT = (attribute(each, "account", []) for each in ACCOUNTS)
NIGHT = {"from": "22:00", "to": "06:00"}


def of(*parts: Any, **fields: Any) -> tuple[Any, list[Any]]:
    """Return an alert that fits all conditions below, except for the given fields."""
    usual = {"severity": "low", "rule_name": "Port scan", "arrived_at": "2026-02-01T23:00:00Z"}
    found = list(parts or (SCAN, ACCOUNT))
    return alert(*found, **{**usual, **fields}), found


@pytest.mark.parametrize(
    ("match", "other"),
    [
        ({"rule": "Port*"}, of(rule_name="Brute force")),
        ({"severity": "low"}, of(severity="unheard of")),
        ({"severity": "low"}, of(severity=None)),
        ({"account": ACCOUNTS[0]}, of(SCAN, OTHER_ACCOUNT)),
        ({"account": ACCOUNTS[0]}, of(SCAN)),
        ({"time": NIGHT}, of(arrived_at="2026-02-01T12:00:00Z")),
        ({"attribute": {"value": ADDRESSES[1]}}, of(OTHER)),
        ({"attribute": {"value": ADDRESSES[1]}}, of(ACCOUNT)),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_one_alert_that_fits_raises_and_one_that_does_not_fit_prevents_lowering(
    match: dict[str, Any], other: tuple[Any, list[Any]], order: int
) -> None:
    rule = {"name": "r", "match": match}
    suppressing = {**rule, "owner": "a", "reason": "b", "starts": "2026-01-31", "expires": "2026-02-28"}
    suppressing |= {"match": {"detector": "*", **match}, "despite": ["raised"]}
    raises, lowers, lowers_by_one, suppresses = (
        read_policy(each)
        for each in (
            {"rules": [{**rule, "severity": "urgent"}]},
            {"rules": [{**rule, "severity": "safe"}]},
            {"rules": [{**rule, "severity": "unclassified"}], "default": {"severity": "urgent"}},
            {"suppressions": [{**suppressing, "name": "s"}]},
        )
    )
    expected = {True: ("urgent", "safe", "unclassified", "safe"), False: ("urgent", "unclassified", "urgent", None)}
    for parts in ([of()], [of(), of()], [of(), other][::order]):
        found = [decide(each, built(parts, [])) for each in (raises, lowers, lowers_by_one, suppresses)]
        severities = [each.severity for each in found[:3]]
        wanted = expected[other not in parts]
        assert (*severities, found[3].suppressed and found[3].severity) == wanted, (match, len(parts))


def test_one_finding_of_many_raises() -> None:
    match = {"verdict": "suspicious", "attribute": {"value": ADDRESSES[1]}}
    raises = read_policy({"rules": [{"name": "r", "severity": "urgent", "match": match}]})
    parts = [of(SCAN, OTHER)]
    about_other, about_scan = (finding(each, "suspicious") for each in (ADDRESSES[2], ADDRESSES[1]))
    assert decide(raises, built(parts, [about_other])).severity == "unclassified"
    for known in ([about_other, about_scan], [about_scan, about_other]):
        assert decide(raises, built(parts, known)).severity == "urgent"


def test_rules_below_an_urgent_default_lower_by_one_step_at_most() -> None:
    below: Any = [{"name": "u", "severity": "unclassified", "match": {"rule": "Brute*"}}]
    safe: Any = [{"name": "s", "severity": "safe"}]
    default = {"severity": "urgent"}
    assert decide(read_policy({"rules": safe, "default": default}), built([of()], [])).severity == "safe"
    for rules_ in ([*below, *safe], [*safe, *below]):
        made = read_policy({"rules": rules_, "default": default})
        assert decide(made, built([of()], [])).severity == "unclassified"


def test_a_safe_default_does_not_apply_beside_a_rule_that_failed() -> None:
    made = read_policy(
        {"rules": [{"name": "r", "severity": "urgent", "when": "abs(title)"}], "default": {"severity": "safe"}}
    )
    assert decide(made, built([of()], [])).severity == "unclassified"


def test_the_generated_reports_are_often_suppressed_and_safe() -> None:
    seen: Counter[str] = Counter()

    @settings(SLOW, derandomize=True)
    @given(suppressing_policies(), st.lists(alerts(), min_size=1, max_size=4), st.lists(findings, max_size=3))
    def count(made: Policy, parts: list[tuple[Any, list[Any]]], known: list[Any]) -> None:
        decision = decide(made, built(parts, known))
        applies = decision.suppressed is not None and not decision.breakthrough
        seen["suppressed"] += applies
        seen["broken through"] += bool(decision.breakthrough)
        seen["rated safe"] += decision.severity == "safe" and not applies

    count()
    assert min(seen["suppressed"], seen["broken through"], seen["rated safe"]) > 0, seen

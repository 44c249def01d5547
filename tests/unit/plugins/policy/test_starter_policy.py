"""The starter policy rates labelled incidents as an analyst would."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import pytest

from alert_responder_cli.policy.files import read_policy_file
from alert_responder_cli.policy.problems import problems_of
from alert_responder_cli.policy.test_runs import run_tests
from alert_responder_plugins.policy.evaluate import Decision
from tests.unit.plugins.policy.incidents.answers import Answer, scanned_file
from tests.unit.plugins.policy.incidents.benign import BENIGN
from tests.unit.plugins.policy.incidents.events import (
    SESSION_KEY,
    Event,
    assumed_role,
    cloudtrail,
    control,
    guardduty,
    iam_user,
    instance,
    okta,
    sentinelone,
)
from tests.unit.plugins.policy.incidents.malicious import MALICIOUS
from tests.unit.plugins.policy.incidents.model import Incident
from tests.unit.plugins.policy.incidents.others_benign import OTHER_BENIGN
from tests.unit.plugins.policy.incidents.others_malicious import OTHER_MALICIOUS
from tests.unit.plugins.policy.incidents.pipeline import STARTER, rate, starter_policy

README = STARTER.with_name("README.md").read_text(encoding="utf-8")
AREAS = {"guardduty", "controls", "cloudtrail", "endpoint", "identity", "mail"}
INCIDENTS = {"attacks": MALICIOUS, "benign": BENIGN, "other attacks": OTHER_MALICIOUS, "other benign": OTHER_BENIGN}


@cache
def decisions(group: str) -> dict[str, Decision]:
    """Return the decision on each incident of a group, by name."""
    return {each.name: rate(each, starter_policy()) for each in INCIDENTS[group]}


def rated(group: str, severity: str) -> list[str]:
    """Return the incidents of a group with this severity."""
    return [f"{name} ({found.rule})" for name, found in decisions(group).items() if found.severity == severity]


@pytest.mark.parametrize("group", ["attacks", "other attacks"])
def test_attacks_are_urgent_and_never_safe(group: str) -> None:
    assert rated(group, "safe") == []
    assert len(rated(group, "unclassified")) <= 3, rated(group, "unclassified")


@pytest.mark.parametrize("group", ["benign", "other benign"])
def test_benign_incidents_are_rarely_urgent(group: str) -> None:
    assert len(rated(group, "urgent")) <= 2, rated(group, "urgent")


@pytest.mark.parametrize("group", INCIDENTS)
def test_all_areas_are_covered(group: str) -> None:
    number = Counter(each.area for each in INCIDENTS[group])
    assert set(number) == AREAS
    assert min(number.values()) >= 2
    assert len(decisions(group)) == 30


@pytest.mark.parametrize("group", INCIDENTS)
def test_no_rule_fails(group: str) -> None:
    assert starter_policy().faults == ()
    assert {fault for decision in decisions(group).values() for fault in decision.faults} == set()


@pytest.mark.parametrize(("name", "prefix"), [("first", ""), ("other", "other ")])
def test_the_figures_in_its_readme_are_right(name: str, prefix: str) -> None:
    attacks, benign = f"{prefix}attacks", f"{prefix}benign"
    figures = (
        f"{len(rated(attacks, 'urgent'))} of 30 | {len(rated(attacks, 'safe'))} | {len(rated(benign, 'urgent'))} of 30"
    )
    assert f"| {name} 60, now | {figures} |\n" in README


def test_its_own_tests_pass() -> None:
    results = list(run_tests(read_policy_file(STARTER)))
    assert len(results) >= 9
    assert [each for each in results if not each.passed] == []


def test_the_policy_has_no_problems() -> None:
    assert problems_of(read_policy_file(STARTER), datetime.now(UTC)) == []


def test_its_readme_lists_the_labels() -> None:
    labels = {label for rule in starter_policy().policy.rules for label in rule.labels}
    (line,) = (each for each in README.splitlines() if each.startswith("Its labels"))
    assert set(re.findall(r"`([a-z-]+)`", line)) == labels


def test_a_call_about_the_own_account_does_not_hide_one_about_another() -> None:
    own, other = (
        cloudtrail("iam", "CreateAccessKey", iam_user("alice"), "198.51.100.7", {"userName": name})
        for name in ("alice", "backup")
    )

    assert severity_of(own) == "unclassified"
    assert severity_of(own, other) == "urgent"


def test_a_session_with_mfa_does_not_hide_a_key_that_is_used_beside_it() -> None:
    attributes = {"attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "true"}}
    session = {**iam_user("alice", SESSION_KEY), "sessionContext": attributes}
    with_mfa, with_key = (
        cloudtrail("iam", "CreateUser", identity, "198.51.100.7", {"userName": "new"})
        for identity in (session, iam_user("alice"))
    )

    assert severity_of(with_mfa) == "unclassified"
    assert severity_of(with_mfa, with_key) == "urgent"


def test_a_harmless_alert_does_not_hide_a_later_one_of_the_same_report() -> None:
    role = assumed_role("Developer", "bob@example.com")
    own, everyone = (
        cloudtrail("s3", "PutBucketAcl", role, "198.51.100.7", {"bucketName": "orders", "x-amz-acl": acl})
        for acl in ("private", "public-read")
    )
    usual, odd = (
        okta("user.session.start", "User login to Okta", uuid=level, risk=f"{{level={level}}}")
        for level in ("LOW", "HIGH")
    )

    assert (severity_of(own), severity_of(own, everyone)) == ("unclassified", "urgent")
    assert (severity_of(usual), severity_of(usual, odd)) == ("unclassified", "urgent")


def test_the_name_of_a_file_does_not_lower_the_severity() -> None:
    for name in ("unwanted.exe", "Adware.exe", "blocked.exe"):
        event = sentinelone("Malware", name, "suspicious")
        assert severity_of(event, answers=[scanned_file(name, malicious=20)]) == "urgent", name


@pytest.mark.parametrize("title", ["evil.example [SAMPLE]", "security-control/S3.1"])
def test_a_title_does_not_make_a_finding_a_sample_or_a_check(title: str) -> None:
    kind = "Recon:EC2/PortProbeUnprotectedPort"
    found, sample = guardduty(kind, 2, instance()), guardduty(kind, 2, instance(), sample=True)
    found["detail"]["title"] = title
    imported = control("S3.1", title, "LOW", "arn:aws:s3:::orders")
    finding = imported["detail"]["findings"][0]
    del finding["Compliance"]
    finding["GeneratorId"] = "scanner"

    assert (severity_of(found), severity_of(sample)) == ("unclassified", "safe")
    assert severity_of(imported) == "unclassified"


def severity_of(*events: Event, answers: Sequence[Answer] = ()) -> str:
    return rate(Incident("", "", events, tuple(answers)), starter_policy()).severity

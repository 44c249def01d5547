"""Each recipe in docs/policy.md matches the report that it describes, and not a similar one."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.domain.overview import overview
from alert_responder_cli.policy.yaml_document import read_yaml
from alert_responder_plugins.policy.evaluate import Decision, PreparedPolicy
from alert_responder_plugins.policy.model import read_policy
from tests.unit.plugins.policy.incidents.answers import Answer, aws_instance, history, virustotal
from tests.unit.plugins.policy.incidents.events import (
    ACCOUNT,
    INSTANCE,
    Event,
    assumed_role,
    cloudtrail,
    connection,
    console_login,
    guardduty,
    iam_user,
    instance,
)
from tests.unit.plugins.policy.incidents.pipeline import report_of
from tools.paths import ROOT

RECIPES: dict[str, str] = dict(
    re.findall(
        r"^### (.+?)\n\n```yaml\n(.+?)```",
        (ROOT / "docs" / "policy.md").read_text(encoding="utf-8").split("\n## Recipes\n", 1)[1],
        re.DOTALL | re.MULTILINE,
    )
)
SCANNER, STRANGER, OFFICE = "192.0.2.53", "198.51.100.7", "198.51.100.9"


class Example(NamedTuple):
    """A report, when its alerts arrived [RFC 3339], and the account of the directory."""

    events: tuple[Event, ...]
    answers: tuple[Answer, ...] = ()
    at: str = "2026-12-06T02:00:00Z"
    account: AccountFacts | None = None


def probe(*addresses: str) -> tuple[Event, ...]:
    return tuple(
        guardduty("UnauthorizedAccess:EC2/SSHBruteForce", 5, instance(), **connection(address, outbound=False, port=22))
        for address in addresses
    )


def patched(address: str = OFFICE, role: str = "patching") -> tuple[Event, ...]:
    return (cloudtrail("ec2", "RebootInstances", assumed_role(role, "sunday"), address),)


def shop(severity: float, team: str) -> Example:
    finding = guardduty("Behavior:EC2/NetworkPortUnusual", severity, instance(), **connection(STRANGER))
    return Example((finding,), (aws_instance(INSTANCE, team=team),))


def sign_in(*, success: bool = True) -> tuple[Event, ...]:
    return (console_login(iam_user("carol"), OFFICE, success=success),)


def third(*severities: str, rule: str = "UnauthorizedAccess:EC2/SSHBruteForce") -> Example:
    return Example(probe(STRANGER), (history("ipaddr", STRANGER, *severities, rule=rule),), "2026-01-01T00:00:00Z")


def of_unit(unit: str, environment: str | None, severity: float = 5) -> Example:
    account = AccountFacts(
        id=ACCOUNT, name="a", status="active", kind="member", unit=unit, owner="web", environment=environment
    )
    return shop(severity, "shop")._replace(account=account)


def suppressed(decision: Decision) -> bool:
    return decision.suppressed is not None and decision.breakthrough is None


def urgent(decision: Decision) -> bool:
    return decision.severity == "urgent"


def labelled(decision: Decision) -> bool:
    return decision.labels == ("payments",)


CASES: dict[str, tuple[Callable[[Decision], bool], list[Example], list[Example]]] = {
    "A known scanner": (
        suppressed,
        [Example(probe(SCANNER)), Example(probe(SCANNER), (virustotal("ipaddr", SCANNER, malicious=5),))],
        [
            Example(probe(STRANGER)),
            Example(probe(SCANNER, STRANGER)),
            Example(probe(SCANNER), at="2026-11-30T23:59:00Z"),
            Example((guardduty("Backdoor:EC2/C&CActivity.B", 8, instance(), **connection(SCANNER)),)),
        ],
    ),
    "A maintenance window": (
        suppressed,
        [Example(patched()), Example(patched(), at="2026-12-06T00:00:00Z")],
        [
            Example(patched(), at="2026-12-05T23:59:00Z"),
            Example(patched(), at="2026-12-06T04:00:00Z"),
            Example(patched(), at="2026-12-07T02:00:00Z"),
            Example(patched("203.0.113.5")),
            Example(patched(role="developer")),
            Example((cloudtrail("iam", "CreateUser", assumed_role("patching", "sunday"), OFFICE),)),
        ],
    ),
    "Reports to their owners": (labelled, [shop(5, "payments"), shop(8, "payments")], [shop(8, "shop")]),
    "Production, whatever the account is called": (
        urgent,
        [of_unit("Root/Workloads/Prod", "prod"), of_unit("Root/Workloads/Prod/EU", "production", 8)],
        [
            of_unit("Root/Workloads/Prod", "prod", 2),
            of_unit("Root/Workloads/Prod", None),
            of_unit("Root/Workloads/Production", "prod"),
            shop(8, "shop"),
        ],
    ),
    "Only at night": (
        urgent,
        [
            Example(sign_in(), at="2026-12-07T19:00:00Z"),
            Example(sign_in(), at="2026-12-08T04:59:00Z"),
            Example(sign_in(), at="2026-12-06T12:00:00Z"),
        ],
        [
            Example(sign_in(), at="2026-12-07T05:00:00Z"),
            Example(sign_in(), at="2026-12-07T18:59:00Z"),
            Example(sign_in(success=False), at="2026-12-07T20:00:00Z"),
        ],
    ),
    "The third report in a week": (
        urgent,
        [third("unclassified", "safe"), third("urgent", "safe", "safe")],
        [third("urgent"), third("urgent", "urgent", rule="Recon:EC2/Portscan")],
    ),
}


def test_each_recipe_is_tested() -> None:
    assert RECIPES.keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_the_recipe_matches_what_it_describes(name: str) -> None:
    holds, matching, others = CASES[name]
    policy = PreparedPolicy(read_policy(read_yaml(RECIPES[name]).data))

    assert policy.faults == ()
    assert [number for number, each in enumerate(matching) if not holds(decided(policy, each))] == []
    assert [number for number, each in enumerate(others) if holds(decided(policy, each))] == []


def decided(policy: PreparedPolicy, example: Example) -> Decision:
    report = report_of(example.events, example.answers)
    alerts = tuple(alert.model_copy(update={"arrived_at": example.at}) for alert in report.alerts)
    now = parse_rfc3339(example.at)
    assert now
    known = Directory(accounts=(example.account,) if example.account else (), read_at=0)
    summary = overview(alerts, (), report.attributes, report.sources, report.findings, known)
    return policy.evaluate(report.model_copy(update={"alerts": alerts, "overview": summary}), now)

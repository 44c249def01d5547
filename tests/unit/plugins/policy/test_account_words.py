"""Words of the directory about accounts raise for any alert, and lower only for alerts whose account is certain."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.contracts.report import Report
from alert_responder.domain.directory import STALE_AFTER_MS, AccountFacts, Directory, units_above
from alert_responder.domain.overview import overview
from alert_responder_plugins.policy.evaluate import Decision, evaluate
from alert_responder_plugins.policy.model import Policy, read_policy
from tests.unit.plugins.policy.builders import NOW, alert, policy, report

SANDBOX, PROD, FOREIGN = "111122223333", "444455556666", "999900001111"
UPDATED_AT = 1769904075000
"""When the reports are compiled [ms]."""

DIRECTORY = Directory(
    accounts=(
        AccountFacts(
            id=SANDBOX,
            name="play (old)",
            status="active",
            kind="member",
            unit="Root/Sandbox/Web",
            owner="web@example.com",
            environment="sandbox",
        ),
        AccountFacts(
            id=PROD,
            name="shop",
            status="active",
            kind="member",
            unit="Root/Workloads/Prod",
            owner="web@example.com",
            environment="prod",
        ),
    ),
    read_at=UPDATED_AT,
)
RAISES: dict[str, Any] = {"severity": "urgent"}
LOWERS: dict[str, Any] = {"severity": "safe"}


def about(*origins: dict[str, Any], directory: Directory | None = DIRECTORY, **fields: Any) -> Report:
    """Build a report with an alert for each origin; the body of an alert names its account and calls it `shop`."""
    body = {"ProductArn": "arn:aws:securityhub", "AwsAccountName": "shop"}
    alerts = [alert(origin=origin, body={**body, "AwsAccountId": origin["account"]}) for origin in origins]
    made = report(alerts=alerts, **fields)
    summary = overview(made.alerts, (), (), (), (), directory)
    return made.model_copy(update={"overview": summary})


def sent(account: str, *, verified: bool = True, **fields: Any) -> dict[str, Any]:
    return {"account": account, "verified": verified, **fields}


def decided(of: Report, match: dict[str, Any], rule: dict[str, Any], **fields: Any) -> Decision:
    return evaluate(policy({**rule, "match": match}, **fields), of, NOW, traced=True)


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        ({"account_unit": "Root/Workloads/Prod"}, True),
        ({"account_unit": "Root/Workloads"}, True),
        ({"account_unit": "root/WORKLOADS"}, True),
        ({"account_unit": "Root"}, True),
        ({"account_unit": "Root/Work"}, False),
        ({"account_unit": "Root/Work*"}, True),
        ({"account_unit": "*/Prod"}, True),
        ({"account_unit": "Workloads"}, False),
        ({"account_unit": "Root/Workloads/Prod/EU"}, False),
        ({"account_name": "shop"}, True),
        ({"account_name": "sho"}, False),
        ({"account_owner": ["x", "*@example.com"]}, True),
        ({"account_environment": "prod"}, True),
        ({"account_environment": "Prod", "account_owner": "web*", "account_name": "?hop"}, True),
        ({"account_environment": "prod", "account_unit": "Root/Sandbox"}, False),
    ],
)
@pytest.mark.parametrize("verified", [True, False])
def test_a_rule_that_raises_matches_words_of_any_account(match: dict[str, Any], holds: bool, verified: bool) -> None:
    found = decided(about(sent(SANDBOX), sent(PROD, verified=verified)), match, RAISES)
    wanted = holds or match == {"account_unit": "Root"}
    assert (found.severity == "urgent") == wanted


def test_all_words_must_fit_one_account() -> None:
    mixed = {"account_unit": "Root/Sandbox", "account_environment": "prod"}
    assert decided(about(sent(SANDBOX), sent(PROD)), mixed, RAISES).severity == "unclassified"


def test_no_word_comes_from_an_alert() -> None:
    claims = about(sent(FOREIGN, verified=False), sent(SANDBOX))
    assert claims.overview is not None
    assert [each.name for each in claims.overview.accounts] == ["play (old)", "shop"]
    for word in ("name", "unit", "owner", "environment"):
        found = decided(about(sent(FOREIGN)), {f"account_{word}": "*"}, RAISES)
        assert found.severity == "unclassified", word
    assert decided(claims, {"account_name": "shop"}, RAISES).severity == "unclassified"
    assert decided(about(sent(PROD), directory=None), {"account_name": "*"}, RAISES).severity == "unclassified"


IN_SANDBOX: dict[str, Any] = {"account_unit": "Root/Sandbox"}


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (about(sent(SANDBOX), sent(SANDBOX, verified=False)), "an alert is not verified"),
        (about(sent(SANDBOX), alert_count=2), "alerts are missing"),
        (about(sent(SANDBOX), truncated=True), "alerts are missing"),
        (about(sent(SANDBOX), sent(FOREIGN)), "an account is not in the directory"),
        (about(sent(SANDBOX), directory=None), "an account is not in the directory"),
        (about(sent(SANDBOX, named=PROD)), "the account of an alert is unknown"),
        (
            about(sent(SANDBOX), directory=DIRECTORY.model_copy(update={"read_at": UPDATED_AT - STALE_AFTER_MS - 1})),
            "the directory is stale",
        ),
        (about(sent(SANDBOX), updated_at="2026-01-31T00:00:00.000Z"), "the directory is stale"),
        (about(sent(SANDBOX), sent(SANDBOX)).model_copy(update={"alerts": ()}), "alerts are missing"),
    ],
    ids=str.split("claimed hidden truncated foreign none mismatched stale future empty"),
)
def test_words_never_lower_where_the_account_or_its_words_are_uncertain(of: Report, why: str) -> None:
    found = decided(of, IN_SANDBOX, LOWERS)
    assert found.severity == "unclassified"
    [asked] = found.trace
    assert [(check.condition, check.saw) for check in asked.checks] == [("account_words", why)]


def test_words_lower_and_suppress_where_all_accounts_are_certain() -> None:
    both = {**IN_SANDBOX, "account_owner": "web*", "account_environment": "sandbox"}
    certain = about(sent(SANDBOX), sent(SANDBOX))
    assert decided(certain, both, LOWERS).severity == "safe"
    assert decided(about(sent(SANDBOX), sent(PROD)), IN_SANDBOX, LOWERS).severity == "unclassified"
    suppressing = {
        "name": "s",
        "match": {"detector": "*", **both},
        "owner": "a",
        "reason": "b",
        "starts": "2026-01-31",
        "expires": "2026-02-28",
    }
    made = policy(suppressions=[suppressing])
    assert evaluate(made, certain, NOW).suppressed is not None
    assert evaluate(made, about(sent(SANDBOX, verified=False)), NOW).suppressed is None


origins = st.lists(
    st.builds(
        sent,
        st.sampled_from([SANDBOX, SANDBOX, PROD, FOREIGN]),
        verified=st.sampled_from([True, True, True, False]),
        named=st.sampled_from([None, None, None, PROD]),
    ),
    min_size=1,
    max_size=4,
)
RULES: Policy = read_policy({"rules": [{"name": "r", "severity": "safe", "match": IN_SANDBOX}]})


@settings(max_examples=60, deadline=None)
@given(origins, origins)
def test_only_verified_alerts_of_matching_accounts_lower_and_more_alerts_never_do(
    some: Sequence[dict[str, Any]], more: Sequence[dict[str, Any]]
) -> None:
    def lowered(of: Sequence[dict[str, Any]]) -> bool:
        return evaluate(RULES, about(*of), NOW).severity == "safe"

    assert lowered(some) == all(each == sent(SANDBOX, named=None) for each in some)
    assert lowered(some) >= lowered([*some, *more])


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="/*?"), min_size=1), min_size=1, max_size=5))
def test_a_unit_matches_itself_and_the_units_below_it_by_whole_names(names: list[str]) -> None:
    chain = units_above("/".join(names))
    assert chain[-1] == "/".join(names)
    assert len(chain) == len(names)
    assert all(chain[-1] == each or chain[-1].startswith(f"{each}/") for each in chain)


def test_a_reason_names_the_account_that_matched() -> None:
    rule = {**RAISES, "reason": "{account} {account_name} {account_unit} {account_owner} {account_environment}"}
    of = about(sent(SANDBOX), sent(PROD))
    found = decided(of, {"account_environment": "prod"}, rule)
    assert found.reason == f"{PROD} shop Root/Workloads/Prod web@example.com prod"
    assert decided(about(sent(FOREIGN)), {}, rule).reason == f"{FOREIGN} unknown unknown unknown unknown"

"""`policy suppressions` lists who suppresses what until when, and how often it applied."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_cli.times import now
from tests.unit.cli.aws_account import attach, make_function, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.policy.policy_files import SCANNER, write_policy
from tests.unit.cli.policy.test_explain import store_policy
from tests.unit.cli.stored_reports import DAY, meta, store


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def suppression(name: str, left: int, **fields: Any) -> dict[str, Any]:
    return {**SCANNER, "name": name, "starts": in_days(left - 80), "expires": in_days(left), **fields}


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        attach("secops", "reviewer", "reviewer", make_function("secops-reviewer-policy"))
        yield


def test_suppressions_are_listed_by_expiry(tmp_path: Path) -> None:
    path = write_policy(tmp_path, {"suppressions": [suppression("late", 70), suppression("soon", 9)]})

    found = answer("policy", "suppressions", path)

    assert [(each["name"], each["days_left"]) for each in found] == [("soon", 9), ("late", 70)]
    assert found[0]["owner"] == "net-team@example.com"
    assert [found[0][name] for name in ("hits", "broken", "last_hit")] == [None, None, None]


@pytest.mark.parametrize(("left", "days", "code"), [(9, 8, 0), (9, 9, 1), (-2, 0, 1), (1, 0, 0)])
def test_one_that_expires_soon_or_has_expired_is_a_problem(tmp_path: Path, left: int, days: int, code: int) -> None:
    path = write_policy(tmp_path, {"suppressions": [suppression("a", left)]})

    result = run("policy", "suppressions", path, "--warn-days", str(days))

    assert result.exit_code == code
    assert ("expired" in result.output.partition("\n")[2]) == (left < 0)


@pytest.mark.usefixtures("account")
def test_reports_are_counted(tmp_path: Path) -> None:
    at = now()
    reports: list[dict[str, Any]] = [
        {"suppressed": "scanner", "severity": "safe"},
        {"suppressed": "scanner", "severity": "urgent", "breakthrough": "Malicious."},
        {"suppressed": "removed", "severity": "safe"},
        {},
    ]
    metas = [meta(at - DAY * number - 1000, number, **fields) for number, fields in enumerate(reports)]
    store([*metas, meta(at - 50 * DAY, 9, suppressed="scanner")])
    policy = {"suppressions": [suppression("scanner", 60), suppression("never", 50)]}
    store_policy(json.dumps(policy))

    never, scanner = answer("policy", "suppressions")
    longer = answer("policy", "suppressions", "--since", "60d")
    of_file = answer("policy", "suppressions", write_policy(tmp_path, policy), "--installation", "secops")

    assert (scanner["hits"], scanner["broken"], scanner["last_hit"]) == (1, 1, metas[0].updated_at)
    assert (never["hits"], never["broken"], never["last_hit"]) == (0, 0, None)
    assert longer[1]["hits"] == 2
    assert of_file == [never, scanner]
    assert "scanner" in run("policy", "suppressions").output


def test_a_policy_without_suppressions(tmp_path: Path) -> None:
    result = run("policy", "suppressions", write_policy(tmp_path))

    assert (result.exit_code, result.output) == (0, "The policy contains no suppressions.\n")

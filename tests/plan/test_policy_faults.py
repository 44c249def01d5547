"""`terraform plan` refuses the policies that the function would refuse, with the place and what is allowed."""

import copy
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tftest

from alert_responder_plugins.policy.model import (
    MAX_POLICY_BYTES,
    MAX_SUPPRESSION_DAYS,
    InvalidPolicyError,
    read_policy,
)
from alert_responder_plugins.policy.time_zones import time_zone_names
from tests.plan.harness import warnings
from tests.plan.ready_made.policy import EXPIRED
from tests.unit.plugins.policy.test_model import POLICY, REFUSED
from tools.paths import ROOT
from tools.terraform import binary

MODULE = ROOT / "modules" / "policy"
HOURS = {"days": ["mon", "sun"], "from": "22:00", "to": "04:00", "timezone": "America/New_York"}
WHOLE: dict[str, Any] = {
    "rules": [
        {
            "name": "all conditions",
            "match": {
                "account": ["111122223333"],
                "account_environment": "prod*",
                "account_name": ["payments", "shop"],
                "account_owner": "team-*",
                "account_unit": ["Root/Workloads/*", "Root"],
                "alert_count": {"min": 2},
                "attribute": [
                    {"type": ["ipaddr"], "cidr": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]},
                    {"value": "*.example.net", "context": "remote"},
                ],
                "attribute_type": "ipaddr",
                "complete": False,
                "context": ["remote"],
                "detector": "guardduty",
                "earlier": {"min": 3, "severity": ["urgent"], "within_days": 7, "same_rule": True},
                "inspector": "virus*",
                "outcome": ["ok", "error"],
                "region": "eu-*",
                "rounds": {"min": 1},
                "rule": "Recon:EC2/*",
                "severity": ["High", "critical"],
                "status": "active",
                "tag": {"tier": ["production", "staging"]},
                "time": HOURS,
                "verdict": ["malicious", "suspicious"],
            },
            "when": "alert_count > `20`",
            "severity": "urgent",
            "reason": "{attribute} is {verdict}",
            "labels": ["network"],
        },
        {"name": "quiet", "match": {"alert_count": {"max": 3}, "complete": True}, "severity": "safe"},
    ],
    "default": {"severity": "unclassified", "reason": "No rule matched.", "labels": "none"},
    "suppressions": [
        {
            **copy.deepcopy(POLICY["suppressions"][0]),
            "weekly": [HOURS],
            "despite": ["malicious"],
            "trust_native": False,
            "when": "test",
            "labels": "quiet",
            "starts": "2026-12-01T00:00:00Z",
        }
    ],
    "tests": [
        {
            "name": "one",
            "alerts": ["a.json"],
            "answers": "answers/",
            "at": "2026-12-02",
            "expect": {"severity": "urgent", "rule": "x", "reason": "y", "labels": [], "suppressed_by": None},
        }
    ],
}
"""A policy with every field."""

OTHERS: tuple[Any, ...] = ("", "Mars/City", "x" * 1001, "192.0.2.1/24", 7, -1, 1.5, True, None, [], {}, [["x"]])
"""Values that are wrong in most places."""

LENIENT = ("despite", "expect.labels")
"""Fields for which the function takes any empty value as an empty list, and Terraform only an empty list."""

MUTANTS = 100

MESSAGES: dict[str, tuple[str, Any]] = {
    "rules[0].match.verdit (all conditions) is not allowed; allowed: account, account_environment, ": (
        "rules.0.match.verdit",
        "malicious",
    ),
    "rules[0].severity (all conditions) must be one of safe, unclassified, urgent; got ": ("rules.0.severity", "high"),
    "rules[0].match.attribute[0].cidr[0] (all conditions) must be a network such as 192.0.2.0/24 without host ": (
        "rules.0.match.attribute.0.cidr.0",
        "192.0.2.1/24",
    ),
    "rules[0].match.time[0].timezone (all conditions) must be a time zone of the IANA database": (
        "rules.0.match.time.timezone",
        "Mars/City",
    ),
    "rules[1] (all conditions) has the same name as rules[0]": ("rules.1.name", "all conditions"),
    "rules[0].match.account_unit[0] (all conditions) must be a path of 1 to 300 characters such as Root/": (
        "rules.0.match.account_unit",
        "Root/Workloads/",
    ),
    "rules[1].match.account_name (quiet) is not allowed in a suppression, or in a rule that lowers the ": (
        "rules.1.match.account_name",
        "sandbox",
    ),
    "suppressions[0].owner (vulnerability-scanner) must be a text of 1 to 200 characters that is ": (
        "suppressions.0.owner",
        " ",
    ),
    "suppressions[0] (vulnerability-scanner) must expire after it starts, and at most 90 days later": (
        "suppressions.0.expires",
        "2027-03-02",
    ),
    "suppressions[0].expires (vulnerability-scanner) must be a date such as 2027-03-01": (
        "suppressions.0.expires",
        "next week",
    ),
    "suppressions[0].match (vulnerability-scanner) must contain one of detector, rule": (
        "suppressions.0.match",
        {"region": "eu-west-1"},
    ),
    "rules must be a list": ("rules", {}),
}
"""Messages, with a place in `WHOLE` and a value there."""

MISSING = ("suppressions.0.owner", "suppressions.0.starts", "suppressions.0.expires", "suppressions.0.match")


def places(value: Any, place: str = "") -> Iterator[str]:
    """List all places in a policy."""
    fields = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for field, inner in fields:
        yield f"{place}{field}"
        yield from places(inner, f"{place}{field}.")


def changed(place: str, value: Any = ..., base: dict[str, Any] = WHOLE) -> dict[str, Any]:
    """Copy a policy with another value at a place, or without it."""
    policy = copy.deepcopy(base)
    *outer, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    target: Any = policy
    for part in outer:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = copy.deepcopy(value)
    return policy


def mutants() -> dict[str, Any]:
    """Make policies with another value at one place; many of them are valid."""
    found = {
        f"{place} {value!r:.20}": (place, value)
        for place in places(WHOLE)
        for value in (..., *OTHERS)
        if value or not place.endswith(LENIENT)
    }
    chosen = random.Random(18).sample(sorted(found), MUTANTS)
    return {name: changed(*found[name]) for name in chosen}


def refused() -> dict[str, Any]:
    """Collect the policies that the tests of the model refuse."""
    policies: dict[str, Any] = {}
    for message, change in REFUSED.items():
        policies[f"model: {message}"] = copy.deepcopy(POLICY)
        change(policies[f"model: {message}"])
    return policies


POLICIES: dict[str, Any] = {
    "expired": {"suppressions": [EXPIRED]},
    "documented": POLICY,
    "whole": WHOLE,
    "empty": {},
    "zones": changed("rules.0.match.time", [HOURS | {"timezone": zone} for zone in sorted(time_zone_names())[:20]]),
    **{message: changed(place, value) for message, (place, value) in MESSAGES.items()},
    **{f"without {place}": changed(place) for place in MISSING},
    **refused(),
    **mutants(),
}


def is_refused(policy: Any) -> bool:
    try:
        read_policy(policy)
    except InvalidPolicyError:
        return True
    return False


@pytest.fixture(name="planned", scope="module")
def _planned(code: Path, terraform_environment: dict[str, str]) -> tftest.TerraformPlanOutput:
    """The plan of all policies; `fields.tf` and `faults.tf` need no provider."""
    folder = code / "policy-faults"
    (folder / "module").mkdir(parents=True)
    for name in ("fields.tf", "faults.tf", "time_zones.txt"):
        shutil.copy(MODULE / name, folder / "module")
    inner = {"variable": {"policy": {"type": "any"}}, "output": {"faults": {"value": "${local.faults}"}}}
    (folder / "module" / "inner.tf.json").write_text(json.dumps(inner))
    (folder / "policies.json").write_text(json.dumps([*POLICIES.values()]))
    module = {
        "source": "./module",
        "for_each": '${{for number, policy in jsondecode(file("policies.json")) : tostring(number) => policy}}',
        "policy": "${each.value}",
    }
    found = "${{for number, case in module.case : number => case.faults}}"
    main = {"module": {"case": module}, "output": {"faults": {"value": found}}}
    (folder / "main.tf.json").write_text(json.dumps(main))
    terraform = tftest.TerraformTest(str(folder), binary=binary())
    terraform.env = dict(terraform_environment)
    terraform.execute_command("init", "-backend=false", "-no-color")
    return terraform.plan(output=True)


@pytest.fixture(scope="module")
def faults(planned: tftest.TerraformPlanOutput) -> dict[str, list[str]]:
    """Terraform's faults by policy."""
    return {name: planned.outputs["faults"][str(number)] for number, name in enumerate(POLICIES)}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_refusal_names_the_place_and_what_is_allowed(faults: dict[str, list[str]], message: str) -> None:
    assert any(fault.startswith(message) for fault in faults[message]), faults[message]


@pytest.mark.parametrize("place", MISSING)
def test_required_fields_are_named(faults: dict[str, list[str]], place: str) -> None:
    field = place.rpartition(".")[2]
    assert f"suppressions[0].{field} (vulnerability-scanner) is required" in faults[f"without {place}"]


def test_terraform_refuses_what_the_function_refuses(faults: dict[str, list[str]]) -> None:
    differing = {name: faults[name] for name, policy in POLICIES.items() if is_refused(policy) != bool(faults[name])}
    assert not differing, "\n".join(f"{name}: {fault}" for name, fault in differing.items())


def test_an_expired_suppression_is_a_warning(planned: tftest.TerraformPlanOutput, faults: dict[str, list[str]]) -> None:
    found = warnings(planned, f'case["{[*POLICIES].index("expired")}"]', "suppressions")

    assert faults["expired"] == []
    assert found == [
        "Suppressions have expired and no longer apply: old-scanner (2026-03-01T00:00:00Z). "
        "Remove them, or set later dates."
    ]


def test_time_zones_are_those_of_the_function() -> None:
    listed = (MODULE / "time_zones.txt").read_text(encoding="utf-8")
    assert listed == "".join(f"{zone}\n" for zone in sorted(time_zone_names())), "Run make time-zones."


def test_limits_are_those_of_the_function() -> None:
    assert f"max_suppression_days = {MAX_SUPPRESSION_DAYS}\n" in (MODULE / "fields.tf").read_text(encoding="utf-8")
    assert f"at most {MAX_POLICY_BYTES} bytes as JSON" in (MODULE / "variables.tf").read_text(encoding="utf-8")

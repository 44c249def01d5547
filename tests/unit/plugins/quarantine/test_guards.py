"""Targets that must not be contained, and the reasons."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.model import Location, Part, TargetState
from alert_responder_plugins.quarantine.rate import HOUR, Rate
from tests.fakes.quarantine import ACCOUNT, OWN_ARN, settings

PART = Part(name="eni-1", before=["sg-1"], after=["sg-2"])
ARN = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
FREE = TargetState(parts=(PART,), arns=(ARN,))
OWN_ROLE = "secops-emitter-quarantine-eu-west-1"
# Addresses that are not public, some of them embedded in others.
NOBODYS = (
    "192.0.0.8",
    "192.88.99.1",
    "240.0.0.1",
    "100.64.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "2002:a00:1::",
    "2001:0:a00:1::",
    "fec0::1",
    "fe80::1",
    "fd00::1",
    "3fff::1",
    "5f00::1",
    "::ffff:10.0.0.1",
)


@pytest.mark.parametrize(
    ("kind", "target", "current", "changed", "refusal"),
    [
        ("instance", "i-1", FREE, {}, None),
        ("instance", "i-1", FREE, {"KINDS": '["address"]'}, "not enabled"),
        ("instance", "i-1", TargetState(refusal="The instance is being terminated.", parts=(PART,)), {}, "terminated"),
        ("instance", "i-1", TargetState(), {}, "nothing to change"),
        ("instance", "i-1", FREE, {"PROTECTED_ARNS": f'["{ARN}"]'}, "ARN is in protected_arns"),
        # Only the exact ARN is protected, not similar names.
        ("instance", "i-1", FREE, {"PROTECTED_ARNS": f'["{ARN}2", "{ARN[:-1]}", "{ARN[:-1]}*", "i-1", "*"]'}, None),
        ("instance", "i-1", FREE, {"PROTECTED_ARNS": f'["{ARN.upper()}"]'}, None),
        ("principal", f"role/{OWN_ROLE}", FREE, {}, "own role"),
        ("principal", "role/secops-commands-quarantine-eu-west-1", FREE, {}, "own role"),
        # Anyone who may create roles can use this name.
        ("principal", "role/secops-anything", FREE, {}, None),
        ("principal", "user/secops-admin", FREE, {}, None),
        ("address", "45.67.89.10", FREE, {}, None),
        ("address", "10.0.0.1", FREE, {}, "not public"),
        ("address", "169.254.169.254", FREE, {}, "not public"),
        ("address", "224.0.0.1", FREE, {}, "not public"),
        ("address", "::1", FREE, {}, "not public"),
        *[("address", text, FREE, {}, "not public") for text in NOBODYS],
        ("address", "2002:2d43:590a::1", FREE, {}, None),
        ("address", "2002:2d43:590a::1", FREE, {"PROTECTED_NETWORKS": '["45.67.0.0/16"]'}, "protected network"),
        ("address", "45.67.89.10", FREE, {"PROTECTED_NETWORKS": '["45.67.0.0/16"]'}, "protected network"),
        ("address", "45.67.89.10", FREE, {"PROTECTED_NETWORKS": '["2a00::/16"]'}, None),
        ("address", "2a00:1450::1", FREE, {"PROTECTED_NETWORKS": '["2a00::/16"]'}, "protected network"),
    ],
)
def test_guards_of_a_target(
    kind: Any, target: str, current: TargetState, changed: dict[str, str], refusal: str | None
) -> None:
    said = guards.about_target(Location(kind, target), current, settings(**changed), OWN_ARN)
    assert said is None if refusal is None else refusal in str(said)


@pytest.mark.parametrize("own", ["", "arn:aws:iam::123456789012:root", "arn:aws:sts::999999999999:assumed-role/a/b"])
def test_target_is_refused_while_the_own_role_is_unknown(own: str) -> None:
    assert "is unknown" in str(guards.about_target(Location("instance", "i-1"), FREE, settings(), own))


@given(
    st.lists(st.tuples(st.integers(0, 10_000_000), st.sampled_from("ABC")), max_size=200),
    st.integers(1, 100),
    st.integers(1, 100) | st.none(),
)
def test_rate_holds_within_any_hour(arrivals: list[tuple[int, str]], most: int, most_here: int | None) -> None:
    read = settings(MAX_ACTIONS_PER_HOUR=str(most), MAX_ACTIONS_PER_HOUR_IN_ACCOUNT=json.dumps(most_here))
    begun, stored = list[tuple[int, str]](), dict[str, Any]()
    for now, account in sorted(arrivals):
        rate = Rate.read(stored, now)
        if guards.about_rate(rate, account, read) is None:
            stored = rate.with_action(account).stored()
            begun.append((now, account))
        recent = [where for time, where in begun if time > now - HOUR]
        assert len(recent) <= most
        assert recent.count(account) <= (most_here or most)


def test_actions_of_an_earlier_version_count() -> None:
    rate = Rate.read({"times": [1, 2, 3], "version": 3}, 4)
    refusal = guards.about_rate(rate, "A", settings(MAX_ACTIONS_PER_HOUR="3"))
    assert refusal == "3 actions began within the last hour, which is the maximum."


@given(
    st.sampled_from(["instance", "access_key", "principal"]),
    st.lists(st.text(max_size=30), max_size=5),
    st.lists(st.text(max_size=30), max_size=5),
)
def test_exactly_the_listed_arns_are_protected(kind: Any, arns: list[str], protected: list[str]) -> None:
    current = TargetState(parts=(PART,), arns=tuple(arns))
    refusal = guards.about_target(Location(kind, "x"), current, settings(PROTECTED_ARNS=json.dumps(protected)), OWN_ARN)

    assert refusal == ("Its ARN is in protected_arns." if set(arns) & set(protected) else None)


@pytest.mark.parametrize(
    "changed",
    [
        {"KINDS": '["address"]', "IP_SETS": "[]"},
        {"KINDS": '["instance"]', "ISOLATION_GROUPS": "{}"},
        {"KINDS": '["principal"]', "DENY_POLICY_ARN": ""},
        {"APPROVAL": "true"},
        {"PROTECTED_NETWORKS": '["10.0.0.1/8"]'},
        {"IP_SETS": '["blocked"]'},
        {"KINDS": '["delete"]'},
        {"MAX_ACTIONS_PER_HOUR": "0"},
        {"MAX_ACTIONS_PER_HOUR_IN_ACCOUNT": "0"},
        {"PROTECTED_ARNS": "nonsense"},
    ],
)
def test_invalid_settings_are_rejected(changed: dict[str, str]) -> None:
    read: Callable[..., Any] = settings
    with pytest.raises(SettingsFaultError):
        read(**changed)


def test_dry_run_is_the_default() -> None:
    from alert_responder_plugins.common.settings import read_settings
    from alert_responder_plugins.quarantine.settings import QuarantineSettings
    from tests.fakes.quarantine import ENVIRONMENT

    given_ = {name: value for name, value in ENVIRONMENT.items() if name != "DRY_RUN"}
    assert read_settings(QuarantineSettings, given_).dry_run

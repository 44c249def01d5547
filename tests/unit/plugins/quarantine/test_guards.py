"""What may not be contained, and why; in doubt nothing may."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.model import Part, Sight
from tests.fakes.quarantine import ACCOUNT, OWN_ARN, attribute, report, settings

PART = Part(name="eni-1", before=["sg-1"], after=["sg-2"])
FREE = Sight(parts=(PART,), names=("shop-1",), tags=(("team", "shop"),))
OWN_ROLE = "secops-emitter-quarantine-eu-west-1"


@pytest.mark.parametrize(
    ("kind", "target", "sight", "changed", "refusal"),
    [
        ("instance", "i-1", FREE, {}, None),
        ("instance", "i-1", FREE, {"KINDS": '["address"]'}, "not switched on"),
        ("instance", "i-1", Sight(refusal="It is being terminated.", parts=(PART,)), {}, "terminated"),
        ("instance", "i-1", Sight(), {}, "nothing to change"),
        ("instance", "i-1", FREE, {"PROTECTED_TAGS": '{"team": "shop"}'}, "protected tag"),
        ("instance", "i-1", FREE, {"PROTECTED_TAGS": '{"TEAM": "*"}'}, "protected tag"),
        ("instance", "i-1", FREE, {"PROTECTED_TAGS": '{"team": "bank"}'}, None),
        ("instance", "i-1", FREE, {"PROTECTED_NAMES": '["SHOP-*"]'}, "name is protected"),
        ("instance", "i-1", FREE, {"PROTECTED_NAMES": '["i-1"]'}, "name is protected"),
        ("instance", "i-1", FREE, {"PROTECTED_NAMES": '["shop", "[a-z]*", "shop-?"]'}, None),
        ("principal", "user/mallory", FREE, {"PROTECTED_NAMES": '["mallory"]'}, "name is protected"),
        ("principal", "user/mallory", FREE, {"PROTECTED_NAMES": '["user/m*"]'}, "name is protected"),
        ("principal", f"role/{OWN_ROLE}", FREE, {}, "own role"),
        ("principal", "role/secops-runner-eu-west-1", FREE, {}, "role of AlertResponder"),
        ("principal", "user/secops-admin", FREE, {}, None),
        ("address", "45.67.89.10", FREE, {}, None),
        ("address", "10.0.0.1", FREE, {}, "public internet"),
        ("address", "169.254.169.254", FREE, {}, "public internet"),
        ("address", "224.0.0.1", FREE, {}, "public internet"),
        ("address", "::1", FREE, {}, "public internet"),
        ("address", "45.67.89.10", FREE, {"PROTECTED_NETWORKS": '["45.67.0.0/16"]'}, "protected network"),
        ("address", "45.67.89.10", FREE, {"PROTECTED_NETWORKS": '["2a00::/16"]'}, None),
        ("address", "2a00:1450::1", FREE, {"PROTECTED_NETWORKS": '["2a00::/16"]'}, "protected network"),
    ],
)
def test_a_target(kind: Any, target: str, sight: Sight, changed: dict[str, str], refusal: str | None) -> None:
    said = guards.about_target(kind, target, sight, settings(**changed), OWN_ARN)
    assert said is None if refusal is None else refusal in str(said)


@pytest.mark.parametrize("own", ["", "arn:aws:iam::123456789012:root", "arn:aws:sts::999999999999:assumed-role/a/b"])
def test_nothing_may_be_contained_while_our_own_role_is_not_known(own: str) -> None:
    assert "not known" in str(guards.about_target("instance", "i-1", FREE, settings(), own))
    assert "not known" in str(guards.about_report(report(), settings(), own))


@pytest.mark.parametrize(
    "given_",
    [
        attribute("username", OWN_ROLE, "subject"),
        attribute("arn", OWN_ARN, "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{OWN_ROLE}", "subject"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/{OWN_ROLE}/another-session", "subject", "remote"),
    ],
)
def test_what_we_did_ourselves_is_recognised(given_: Any) -> None:
    told = report(attribute("instance", "i-0123456789abcdef0", "subject"), given_)
    assert "did itself" in str(guards.about_report(told, settings(), OWN_ARN))


@pytest.mark.parametrize(
    "given_",
    [
        # Somebody did something to our role: that is what we are for.
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{OWN_ROLE}", "local", "object"),
        attribute("username", "mallory", "subject"),
        attribute("arn", f"arn:aws:iam::999999999999:role/{OWN_ROLE}", "subject"),
    ],
)
def test_what_others_did_is_not_taken_for_it(given_: Any) -> None:
    assert guards.about_report(report(given_), settings(), OWN_ARN) is None


def test_samples_are_refused() -> None:
    assert "sample" in str(guards.about_report(report(rule="Trojan:EC2/DropPoint [SAMPLE]"), settings(), OWN_ARN))


@given(st.lists(st.integers(0, 10_000_000), max_size=200), st.integers(1, 100))
def test_never_more_than_so_many_within_any_hour(arrivals: list[int], most: int) -> None:
    read, begun = settings(MAX_ACTIONS_PER_HOUR=str(most)), list[int]()
    for now in sorted(arrivals):
        if guards.about_rate(begun, now, read) is None:
            begun = [*guards.still_counting(begun, now), now]
        assert sum(time > now - guards.HOUR for time in begun) <= most


@given(
    st.lists(st.text(max_size=20), max_size=5),
    st.text(min_size=1, max_size=20),
)
def test_a_protected_name_protects_whatever_else_it_is_called(names: list[str], protected: str) -> None:
    if "*" not in protected:
        assert guards.matches([*names, protected], [protected])
        assert guards.matches([*names, f"a{protected}b"], [f"*{protected}*"])


@given(st.sampled_from(["instance", "access_key", "principal"]), st.text(max_size=30), st.text(max_size=30))
def test_a_protected_tag_protects_whatever_its_value(kind: Any, value: str, name: str) -> None:
    sight = Sight(parts=(PART,), names=(name,), tags=(("other", "x"), ("keep", value)))
    assert guards.about_target(kind, "anything", sight, settings(PROTECTED_TAGS='{"keep": "*"}'), OWN_ARN)


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
        {"PROTECTED_TAGS": "nonsense"},
    ],
)
def test_wrong_settings_do_nothing_at_all(changed: dict[str, str]) -> None:
    read: Callable[..., Any] = settings
    with pytest.raises(SettingsFaultError):
        read(**changed)


def test_it_is_a_dry_run_unless_told_otherwise() -> None:
    from alert_responder_plugins.common.settings import read_settings
    from alert_responder_plugins.quarantine.settings import QuarantineSettings
    from tests.fakes.quarantine import ENVIRONMENT

    given_ = {name: value for name, value in ENVIRONMENT.items() if name != "DRY_RUN"}
    assert read_settings(QuarantineSettings, given_).dry_run

"""The installation's internal networks are never blocked, whatever the quarantine's settings."""

import pytest

from alert_responder.errors import DependencyError
from alert_responder.store import keys
from alert_responder.store.table import Put
from alert_responder_plugins.quarantine.guards import about_target
from alert_responder_plugins.quarantine.model import Location, Part, TargetState
from alert_responder_plugins.quarantine.networks import with_internal_networks
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from tests.fakes.memory import MemoryTable
from tests.fakes.quarantine import ENVIRONMENT

IP_SET = "arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/blocked/0b1c2d3e-0000-4000-8000-000000000000"
OWN_ARN = f"arn:aws:sts::{ENVIRONMENT['ACCOUNT_ID']}:assumed-role/q/q"


def settings() -> QuarantineSettings:
    own = {
        "KINDS": '["address"]',
        "IP_SETS": f'["{IP_SET}"]',
        "PROTECTED_NETWORKS": '["9.9.9.0/24"]',
    }
    return QuarantineSettings.model_validate({**ENVIRONMENT, **own})


def table(*networks: str) -> MemoryTable:
    made = MemoryTable()
    made.write(Put(keys.settings(), {"version": 1, "internal_networks": list(networks), "internal_domains": []}))
    return made


def refusal(address: str, protected: QuarantineSettings) -> str | None:
    return about_target(
        Location("address", address),
        TargetState(parts=(Part(name=IP_SET, before=False, after=True),)),
        protected,
        OWN_ARN,
    )


def test_internal_networks_are_protected_as_well() -> None:
    protected = with_internal_networks(settings(), table("8.8.0.0/16", "2a00:1450::/32", "::ffff:1.2.3.0/120"))
    for address in ("9.9.9.9", "8.8.4.4", "2a00:1450::7", "1.2.3.4"):
        assert refusal(address, protected) == "The address is in a protected network."
    assert refusal("1.2.4.4", protected) is None
    assert refusal("8.8.4.4", settings()) is None, "only the installation says that it is internal"


def test_without_installation_settings_only_protected_networks_are_protected() -> None:
    protected = with_internal_networks(settings(), MemoryTable())
    assert (refusal("9.9.9.9", protected), refusal("8.8.8.8", protected)) == (
        "The address is in a protected network.",
        None,
    )


def test_nothing_is_contained_if_the_settings_cannot_be_read() -> None:
    with pytest.raises(DependencyError, match="config/settings"):
        with_internal_networks(settings(), table("8.8.0.0/33"))

"""The role's permissions are exactly the calls that the code makes."""

import re
from typing import Any

from moto import mock_aws

from tests.fakes.quarantine import World
from tools.paths import ROOT

CONDITIONS = {"ec2:Vpc", "ec2:CreateAction", "iam:PolicyARN"}
BESIDES = {
    # Snapshots are created with tags.
    "ec2:CreateTags",
}


def granted() -> set[str]:
    """Return the actions in the statements of the module's roles."""
    text = (ROOT / "modules" / "permissions" / "containment.tf").read_text(encoding="utf-8")
    return set(re.findall(r'"((?:ec2|iam|wafv2):[A-Z][A-Za-z]+)"', text)) - CONDITIONS


def test_permissions_equal_the_calls() -> None:
    made: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        made.add(f"{model.service_model.signing_name}:{model.name}")

    with mock_aws():
        world = World(MAX_ACTIONS_PER_HOUR="100")
        told = world.everything()
        for client in (world.ec2, world.iam, world.waf):
            client.meta.events.register("before-call", note)
        world.quarantine().containment.propose(told)
        world.release_all()

    assert granted() == made | BESIDES

"""The role's permissions are exactly the calls that the code makes."""

import re
from typing import Any

from moto import mock_aws

from tests.fakes.quarantine import World, report
from tools.paths import ROOT

CONDITIONS = {"ec2:Vpc", "ec2:CreateAction", "iam:PolicyARN", "s3:ResourceAccount"}
BESIDES = {
    # Snapshots are created with tags.
    "ec2:CreateTags",
}
OTHER_NAMES = {
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""Actions of IAM by operation, where they differ."""


def granted() -> set[str]:
    """Return the actions in the statements of the module's roles."""
    text = (ROOT / "modules" / "permissions" / "containment.tf").read_text(encoding="utf-8")
    return set(re.findall(r'"((?:ec2|iam|lambda|s3|wafv2):[A-Z][A-Za-z]+)"', text)) - CONDITIONS


def test_permissions_equal_the_calls() -> None:
    made: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        operation = f"{model.service_model.signing_name}:{re.sub('[0-9]+$', '', model.name)}"
        made.add(OTHER_NAMES.get(operation, operation))

    with mock_aws():
        world = World(MAX_ACTIONS_PER_HOUR="100")
        more = (
            world.make_bucket(None),
            world.make_bucket({"BlockPublicAcls": True}, "partly"),
            world.make_function(None),
            world.make_function(7, "nightly"),
        )
        told = report(*world.everything().attributes, *more)
        for client in (world.ec2, world.iam, world.waf, world.client("lambda"), world.client("s3")):
            client.meta.events.register("before-call", note)
        world.quarantine().containment.propose(told)
        world.release_all()

    assert granted() == made | BESIDES

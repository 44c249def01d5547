"""Imitations of services for tests of ready-made plug-ins, and the installation that uses them."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.integration.conftest import VARIABLES
from tools.account import Account
from tools.emulator import ACCOUNT_ID
from tools.receivers.github import Github
from tools.receivers.pagerduty import PagerDuty
from tools.receivers.slack import Slack
from tools.receivers.virustotal import Key, VirusTotalImitation, analysed
from tools.saved_installations import Recipe
from tools.services import Services

# Public addresses and names, because others are never sent to a third party. They reach an imitation only.
BAD_ADDRESS, WORSE_ADDRESS, BAD_DOMAIN = "9.9.9.9", "149.112.112.112", "dns.quad9.net"
SECRETS = {
    "github": "github_pat_canary_61d2",
    "pagerduty": "ca4a41e50123456789abcdef01234567",
    "slack": "xoxb-canary-93c7",
    "virustotal": "canary" + "0f" * 29,
}
_NOW = 1_769_900_000


@contextmanager
def imitations() -> Iterator[Services]:
    """Run all imitations, with secrets that can be recognised in any text."""
    virustotal = VirusTotalImitation({SECRETS["virustotal"]: Key()})
    bad = {f"Engine {number}": ("malicious", "Bad") for number in range(9)}
    for collection, name in (("ip_addresses", BAD_ADDRESS), ("domains", BAD_DOMAIN), ("ip_addresses", WORSE_ADDRESS)):
        virustotal.know(collection, name, analysed(_NOW, bad))
    services = Services(
        github=Github(token=SECRETS["github"]),
        pagerduty=PagerDuty(routing_key=SECRETS["pagerduty"]),
        slack=Slack(token=SECRETS["slack"]),
        virustotal=virustotal,
        virustotal_key=SECRETS["virustotal"],
    )
    with services:
        yield services


def recipe(services: Services) -> Recipe:
    """Describe an installation with every ready-made plug-in, two users, and an approver for the quarantine."""

    def prepare(account: Account) -> dict[str, Any]:
        iam = account.client("iam")
        iam.create_user(UserName="mallory", Tags=[{"Key": "Owner", "Value": "no team"}])
        iam.create_user(UserName="approver")
        return {"services": services.variables(account)}

    variables = {
        **VARIABLES,
        "approver_arn_patterns": [f"arn:aws:iam::{ACCOUNT_ID}:user/approver"],
        "context_inspectors": True,
        "inspection_timeout_seconds": 60,
    }
    return Recipe(variables, prepare, inspect.getsource(sys.modules[__name__]), services.addresses())

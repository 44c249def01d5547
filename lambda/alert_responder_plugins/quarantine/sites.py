"""The actions of one account and region."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alert_responder_plugins.quarantine.actions import Action, Actions
from alert_responder_plugins.quarantine.actions.access_key import AccessKey
from alert_responder_plugins.quarantine.actions.address import Address
from alert_responder_plugins.quarantine.actions.bucket import Bucket
from alert_responder_plugins.quarantine.actions.function import Function
from alert_responder_plugins.quarantine.actions.instance import Instance
from alert_responder_plugins.quarantine.actions.principal import Principal
from alert_responder_plugins.quarantine.model import KINDS, Kind
from alert_responder_plugins.quarantine.settings import QuarantineSettings


@dataclass(frozen=True, slots=True)
class Site:
    """An account and region.

    Attributes
    ----------
    deny_policy_arn
        The account's policy that denies everything.
    isolation_group_name
        Name of the isolation security group in VPCs for which no id is configured; empty for none.
    """

    account_id: str
    region: str
    deny_policy_arn: str
    isolation_group_name: str = ""


def action_of(kind: Kind, site: Site, settings: QuarantineSettings, client: Callable[..., Any]) -> Action:
    """Return the action on targets of one kind.

    Parameters
    ----------
    client
        Returns a client of a service in the site's account, optionally for another region. With `slow`, the client
        waits long for an answer and does not retry.
    """
    match kind:
        case "access_key":
            return AccessKey(client("iam"))
        case "address":
            return Address(lambda region: client("wafv2", region), settings.ip_sets)
        case "bucket":
            return Bucket(lambda region: client("s3", region), settings.partition, site.account_id, site.region)
        case "function":
            prefix = f"arn:{settings.partition}:lambda:{site.region}:{site.account_id}:function:"
            return Function(lambda: client("lambda"), prefix)
        case "instance":
            return Instance(
                client("ec2"),
                settings.isolation_groups,
                settings.label,
                f"arn:{settings.partition}:ec2:{site.region}:{site.account_id}:",
                client("ec2", slow=True) if settings.snapshots else None,
                site.isolation_group_name,
            )
        case "principal":
            return Principal(client("iam"), site.deny_policy_arn, settings.partition, site.account_id)


def actions_of(settings: QuarantineSettings, client: Callable[..., Any]) -> Actions:
    """Return the actions of all kinds in the installation's account and region.

    Targets of a disabled kind can still be released, if permissions allow it.
    """
    site = Site(settings.account_id, settings.region, settings.deny_policy_arn)
    return {kind: action_of(kind, site, settings, client) for kind in KINDS}

"""Which account and region an alert is about, who sent it, and whether a producer could have forged that.

A record of the verified stream was written by a rule of EventBridge, which sets account, region and source of the
event around it. A record of the alert stream may claim anything: its producer wrote every byte.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from alert_responder.domain.body_details import BodyDetails, region_in
from alert_responder.domain.records import AlertOrigin

_ACCOUNT = re.compile(r"[0-9]{12}")

_FINDINGS: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "aws.access-analyzer": ((("accountId",), ("region",)),),
    "aws.guardduty": ((("accountId",), ("region",)),),
    "aws.inspector2": ((("awsAccountId",), ("findingArn",)),),
    "aws.macie": ((("accountId",), ("region",)),),
    # ASFF, and OCSF
    "aws.securityhub": (
        (("AwsAccountId",), ("Region",)),
        (("cloud", "account", "uid"), ("cloud", "region")),
    ),
}
"""Services whose administrator accounts send the findings of other accounts: the paths of the account and of the region
(or of an ARN with it) in each form of their findings."""

_PARTNER = "aws.partner/"


class Sender(NamedTuple):
    """The outermost EventBridge event around a document.

    Attributes
    ----------
    account, region, source
        As the event has them; the source may be empty.
    is_record
        Whether the event is the record itself, as EventBridge writes it, and not inside another envelope or a list.
    """

    account: str
    region: str | None
    source: str
    is_record: bool


class Named(NamedTuple):
    """The account and region that a finding itself names; None for missing or invalid ones."""

    account: str | None = None
    region: str | None = None


class OriginRules(NamedTuple):
    """What an installation knows of senders.

    Attributes
    ----------
    verified_stream
        ARN of the verified stream; None if there is none.
    administrators
        Accounts whose services send the findings of other accounts.
    """

    verified_stream: str | None = None
    administrators: frozenset[str] = frozenset()


NO_RULES = OriginRules()


def sender_of(event: Mapping[str, Any], *, is_record: bool) -> Sender | None:
    """Return the sender in an EventBridge event; None without a valid account."""
    account, source = _account(event.get("account")), event.get("source")
    if account is None:
        return None
    return Sender(account, region_in(event.get("region")), source if isinstance(source, str) else "", is_record)


def named_in_finding(source: str, finding: Mapping[str, Any]) -> Named | None:
    """Return what a finding names; None if findings of this source are always those of their sender."""
    forms = _FINDINGS.get(source)
    if forms is None:
        return None
    for account_path, region_path in forms:
        if account := _account(_at(finding, account_path)):
            return Named(account, region_in(_at(finding, region_path)))
    return Named()


def named_in_body(details: BodyDetails) -> Named:
    """Return what the body of an alert names."""
    return Named(_account(details.account), details.region)


def origin_of(sender: Sender | None, named: Named, rules: OriginRules, stream: str | None) -> AlertOrigin:
    """Decide where an alert came from.

    Parameters
    ----------
    sender
        None if the alert was not inside an EventBridge event.
    named
        What the finding names, see `named_in_finding` and `named_in_body`.
    stream
        ARN of the stream that delivered the record; None if it is unknown.

    Returns
    -------
    AlertOrigin
        With the finding's own account if its service runs in an administrator account, unknown if it has none;
        otherwise with the sender's account, and without a sender with the one that the body names. Only a record of the
        verified stream that is an EventBridge event itself is verified.
    """
    if sender is None:
        return AlertOrigin(named.account, named.region)
    verified = rules.verified_stream is not None and stream == rules.verified_stream and sender.is_record
    if sender.source.startswith(_PARTNER):
        # The account is the one that receives the partner's events, and the finding can be about anything.
        return AlertOrigin(None, None, sender.account, verified)
    is_known_service = sender.source in _FINDINGS
    if is_known_service and (sender.account in rules.administrators or named.account == sender.account):
        # A finding of another region may come through an aggregation region.
        region = (named.region or sender.region) if named.account else None
        return AlertOrigin(named.account, region, sender.account, verified)
    differs = named.account is not None and named.account != sender.account
    return AlertOrigin(sender.account, sender.region, sender.account, verified, named.account if differs else None)


def _account(value: object) -> str | None:
    return value if isinstance(value, str) and _ACCOUNT.fullmatch(value) else None


def _at(node: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node

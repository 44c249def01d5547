"""Identities of other AWS services' findings that Security Hub copied (ASFF).

GuardDuty: https://docs.aws.amazon.com/guardduty/latest/ug/securityhub-integration.html
Inspector: https://docs.aws.amazon.com/inspector/latest/user/securityhub-integration.html
Macie: https://docs.aws.amazon.com/macie/latest/user/securityhub-integration.html
Access Analyzer: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-securityhub-integration.html

Only unambiguous fields are used. A copy that lacks them keeps its identity in Security Hub.
"""

import re
from collections.abc import Callable
from typing import Any

from alert_responder.formats.extraction import every, first_instant, identifiers, text, word
from alert_responder.formats.identity import Identity, principal_key

_PRODUCT = re.compile(
    r"arn:[a-z-]{3,20}:securityhub:[a-z0-9-]*:(?:[0-9]*:)?product(?:v2)?/(?:aws|amazon)/([a-z0-9-]{1,64})"
)
_GUARDDUTY_ARN = re.compile(r"arn:[a-z-]{3,20}:guardduty:[a-z0-9-]+:[0-9]{12}:detector/[^/]+/finding/([^/]+)")
_TYPE = re.compile(r"[A-Za-z0-9]+:[A-Za-z0-9]+/[^/]+")
_NAMED = re.compile(r".*/([A-Za-z]+):([A-Za-z0-9]+)[-/.]([^/]+)", re.DOTALL)
_ANOMALOUS = re.compile(r"TTPs/AnomalousBehavior/([A-Za-z]+):([A-Za-z0-9]+)-([^/]+)")
_UNNAMED = re.compile(r"TTPs/([A-Za-z ]+)/([A-Za-z0-9]+)-([^/]+)")
_ODD = {
    "TTPs/DefenseEvasion/EC2:Unusual-DNS-Resolver": "DefenseEvasion:EC2/UnusualDNSResolver",
    "TTPs/DefenseEvasion/EC2:Unusual-DoH-Activity": "DefenseEvasion:EC2/UnusualDoHActivity",
    "TTPs/DefenseEvasion/EC2:Unusual-DoT-Activity": "DefenseEvasion:EC2/UnusualDoTActivity",
    "TTPs/Impact/Impact:Runtime-SuspiciousDomainRequest.Reputatio": (
        "Impact:Runtime/SuspiciousDomainRequest.Reputation"
    ),
}
"""Types that follow none of the rules below."""

_TYPES = ("Types[]", "FindingProviderFields.Types[]")
_PRINCIPAL = ("Resources[].Details.AwsIamAccessKey.PrincipalName", "Resources[].Details.AwsIamAccessKey.UserName")
_FIRST_SEEN = ("ProductFields.aws/guardduty/service/eventFirstSeen", "FirstObservedAt")
"""Fields with a copy's types, its actor, and when it was first seen."""

_ACCESS = (
    "External Access Granted",
    "Unused IAM Role",
    "Unused IAM User Access Key",
    "Unused IAM User Password",
    "Unused Permission",
)
"""Endings of types in Security Hub that correspond to Access Analyzer's finding types: without spaces, and without the
last word of the first one."""


def product_of(finding: Any) -> str | None:
    """Return Security Hub's name for the AWS product of a folded finding; None if it is another vendor's."""
    product = _PRODUCT.fullmatch(text(finding, "ProductArn") or "")
    return product[1] if product else None


def original_type(written: str) -> str | None:
    """Convert a type in Security Hub to the type in GuardDuty or Macie; None if that is ambiguous.

    Examples
    --------
    >>> original_type("TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce")
    'UnauthorizedAccess:EC2/SSHBruteForce'
    >>> original_type("TTPs/Credential Access/IAMUser-AnomalousBehavior")
    'CredentialAccess:IAMUser/AnomalousBehavior'
    """
    if _TYPE.fullmatch(written):
        return written
    if written in _ODD:
        return _ODD[written]
    if match := _ANOMALOUS.fullmatch(written):
        return f"{match[1]}:{match[2]}/AnomalousBehavior.{match[3]}"
    if match := _NAMED.fullmatch(written):
        return f"{match[1]}:{match[2]}/{match[3]}"
    if match := _UNNAMED.fullmatch(written):
        return f"{match[1].replace(' ', '')}:{match[2]}/{match[3]}"
    return None


def copied(finding: Any) -> Identity | None:
    """Return the identity of a folded ASFF finding in its service; None if it is not a copy, or lacks the fields."""
    read = _READERS.get(product_of(finding) or "")
    return read(finding) if read else None


def guardduty_finding(arn: str | None) -> str | None:
    """Return the id in the ARN of a GuardDuty finding; None for other ARNs."""
    match = _GUARDDUTY_ARN.fullmatch(arn or "")
    return match[1] if match else None


def _guardduty(finding: Any) -> Identity | None:
    finding_id, rule = guardduty_finding(text(finding, "Id")), _original_type(finding)
    if not finding_id or not rule:
        return None
    principal, first_seen = text(finding, *_PRINCIPAL), first_instant(finding, *_FIRST_SEEN)
    key = principal_key(rule, text(finding, "AwsAccountId"), principal, first_seen) or finding_id
    return Identity("guardduty", rule, key)


def _macie(finding: Any) -> Identity | None:
    rule = _original_type(finding)
    buckets = {
        identifier
        for resource in every(finding, "Resources[]")
        if word(resource, "Type").replace(":", "") == "AWSS3BUCKET"
        and (identifier := text(resource, "Id") or "").startswith("arn:")
    }
    return Identity("macie", rule, buckets.pop()) if rule and len(buckets) == 1 else None


def _inspector(finding: Any) -> Identity | None:
    # Inspector Classic has the same product; findings of network reachability and code do not contain their type.
    vulnerabilities = {each for each in every(finding, "Vulnerabilities[].Id") if isinstance(each, str)}
    if ":inspector2:" not in (text(finding, "Id") or "") or len(vulnerabilities) != 1:
        return None
    rule, resource = text(finding, "Vulnerabilities[].Id"), text(finding, "Resources[].Id")
    if not rule or not resource or not any(kind.endswith("/Vulnerabilities/CVE") for kind in _types(finding)):
        return None
    instance = next((value for kind, value in identifiers(resource) if kind == "instance"), None)
    return Identity("inspector", rule, instance or resource)


def _access_analyzer(finding: Any) -> Identity | None:
    ends = (kind.rpartition("/")[2] for kind in _types(finding))
    named = (end.removesuffix(" Granted").replace(" ", "") for end in ends if end in _ACCESS)
    rule = text(finding, "ProductFields.findingType") or next(named, None)
    resource = text(finding, "Resources[].Id")
    return Identity("access-analyzer", rule, resource) if rule and resource else None


def _types(finding: Any) -> list[str]:
    return [kind for path in _TYPES for kind in every(finding, path) if isinstance(kind, str)]


def _original_type(finding: Any) -> str | None:
    return next((found for kind in _types(finding) if (found := original_type(kind))), None)


_READERS: dict[str, Callable[[Any], Identity | None]] = {
    "access-analyzer": _access_analyzer,
    "guardduty": _guardduty,
    "inspector": _inspector,
    "macie": _macie,
}

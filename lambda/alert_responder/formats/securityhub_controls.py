"""Security Hub's checks: a control that fails for a resource is one incident, even if several standards include it.

Format: https://docs.aws.amazon.com/securityhub/latest/userguide/sample-control-findings.html
Global resources: https://docs.aws.amazon.com/securityhub/latest/userguide/controls-to-disable.html
"""

import re
from typing import Any

from alert_responder.formats.extraction import every, hashed_key, text
from alert_responder.formats.identity import Identity, readable_key
from alert_responder.formats.securityhub_copies import product_of

_CONTROL = re.compile(r"[A-Za-z0-9]{1,64}\.[0-9]{1,8}")
_GENERATOR = re.compile(
    r"(?:security-control|(?:aws-foundational-security-best-practices|nist-800-53|service-managed-aws-control-tower)"
    r"/v/[0-9.]{1,16})/([A-Za-z0-9]{1,64}\.[0-9]{1,8})"
)
"""Generators that contain the id of the control. CIS and PCI DSS have numbers: they need `SecurityControlId`."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z0-9-]{1,64}")
_STANDARDS = (
    "ProductFields.StandardsArn",
    "ProductFields.StandardsGuideArn",
    "Compliance.AssociatedStandards[].StandardsId",
)
"""Fields that name standards, in old and new findings."""

_STANDARD = re.compile(r".*(?:standards|ruleset)/([^:]+)", re.DOTALL)
_ACCOUNT_WIDE = frozenset({"Account.1", "Account.2", "IAM.4", "IAM.6", "IAM.7", *(f"IAM.{n}" for n in range(9, 19))})
"""Controls of the account itself: its root user, password policy and contact. Other controls that name the account as
their resource (GuardDuty.1, Config.1, EC2.7) are about a region."""


def control(finding: Any) -> Identity | None:
    """Return the identity of a folded control finding; None if it is not one, or does not name its control.

    The rule is `security-control/<id>`, as in Security Hub's consolidated findings. The key is account, region and
    resources. The region is left out for global resources, which are checked in every region with the same result.
    """
    if product_of(finding) != "securityhub":
        return None
    name = text(finding, "Compliance.SecurityControlId") or _named(text(finding, "GeneratorId"))
    account, region = text(finding, "AwsAccountId") or "", region_of(finding) or ""
    resources = sorted({each.strip() for each in every(finding, "Resources[].Id") if isinstance(each, str)} - {""})
    if not name or not _CONTROL.fullmatch(name) or not _ACCOUNT.fullmatch(account) or not resources:
        return None
    if all(_in_no_region(resource, name) for resource in resources):
        place = [account]
    elif _REGION.fullmatch(region):
        place = [account, region]
    else:
        return None
    what = resources[0] if len(resources) == 1 else hashed_key(*resources)
    return Identity("securityhub", f"security-control/{name}", readable_key(*place, what))


def region_of(finding: Any) -> str | None:
    """Return the region of a folded ASFF finding, or else of its product's ARN."""
    parts = (text(finding, "ProductArn") or "").split(":")
    return text(finding, "Region") or (parts[3] if len(parts) > 3 and parts[3] else None)


def standards(finding: Any) -> tuple[str, ...]:
    """Return the standards that include a folded control finding, such as `cis-aws-foundations-benchmark/v/1.4.0`."""
    found = (_STANDARD.fullmatch(each) for path in _STANDARDS for each in every(finding, path) if isinstance(each, str))
    return tuple(match[1] for match in found if match)


def _named(generator: str | None) -> str | None:
    match = _GENERATOR.fullmatch(generator or "")
    return match[1] if match else None


def _in_no_region(resource: str, name: str) -> bool:
    if resource.startswith("AWS::::Account:"):
        return name in _ACCOUNT_WIDE
    if resource.startswith("AWS::IAM::AccessKey:"):
        return True
    parts = resource.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and not parts[3]

"""AWS Security Finding Format (ASFF), as sent by Security Hub CSPM for its own checks and for all other products.

Format: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
Detector: `securityhub`, or the service that found it.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from alert_responder.contracts.alert import SAMPLE_SUFFIX, Alert
from alert_responder.domain.instants import parse_instant
from alert_responder.domain.severities import asff_label
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_activity import Sides, add_action, add_evidence, add_sequence, mark_sample, sides
from alert_responder.formats.extraction import Collector, every, first_instant, folded, hashed_key, one, text, word
from alert_responder.formats.finding_state import first_resolved, is_true, sentences, verdict, vulnerable_packages
from alert_responder.formats.identity import Identity, in_account
from alert_responder.formats.nested_text import opened
from alert_responder.formats.product_fields import GUARDDUTY, add_product_fields, guardduty_service
from alert_responder.formats.securityhub_controls import control, region_of, standards
from alert_responder.formats.securityhub_copies import copied, guardduty_finding, product_of
from alert_responder.formats.securityhub_resources import (
    add_details,
    add_owner,
    contexts_of_principal,
    is_principal,
)

_INDICATORS = {
    "DOMAIN": "domain",
    "EMAIL_ADDRESS": "email",
    "HASH_MD5": "filehashvalue",
    "HASH_SHA1": "filehashvalue",
    "HASH_SHA256": "filehashvalue",
    "HASH_SHA512": "filehashvalue",
    "IPV4_ADDRESS": "ipaddr",
    "IPV6_ADDRESS": "ipaddr",
    "URL": "url",
}
"""ThreatIntelIndicators[].Type to attribute types; MUTEX and PROCESS are left out."""

_LABELS = ("Severity.Label", "FindingProviderFields.Severity.Label")
_ORIGINALS = ("Severity.Original", "FindingProviderFields.Severity.Original")
_TIMES = ("LastObservedAt", "UpdatedAt", "FirstObservedAt", "CreatedAt")
"""Fields with severity and time; the first one that is present counts."""

_STATES = (
    "RecordState",
    "Workflow.Status",
    "WorkflowState",
    "Compliance.Status",
)
"""Fields with the state of record, workflow and check."""

_REASONS = ("Compliance.StatusReasons[].Description", "ProductFields.aws/securityhub/annotation")
"""Fields with why a check failed."""

_NETWORK = {"IN": ("remote", "local"), "OUT": ("local", "remote")}
"""Sides of source and destination, by `Network.Direction`."""

_FILES = (
    ("Threats[].FilePaths[].Hash", "filehashvalue", "malicious file"),
    ("Threats[].FilePaths[].FilePath", "filepath", "malicious file"),
    ("Malware[].Path", "filepath", "malware"),
    ("Process.Path", "filepath", "executable of the process"),
)
"""Files: path, attribute type, key."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_MOST_REASONS = 3
"""Most reasons of a check's result that the description has."""


def recognises(document: dict[str, Any]) -> bool:
    """Recognise ASFF by `SchemaVersion` 2018-10-08, or by `ProductArn` with `Id` or `GeneratorId`."""
    fields = {key.lower(): value for key, value in document.items()}
    return fields.get("schemaversion") == "2018-10-08" or (
        "productarn" in fields and bool({"id", "generatorid"} & fields.keys())
    )


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Convert a finding.

    A copy of another AWS service's finding has the detector, rule and key of the original (`securityhub_copies`), and a
    check of Security Hub those of its control and resource (`securityhub_controls`), so that one incident becomes one
    report. All others have the detector ``securityhub``. Their rule is `GeneratorId`; their alert key is product ARN
    and `Id`, joined as in Security Hub's `aws/securityhub/FindingId`, because ids are unique only within a product,
    and the account unless one of the two contains it. Passed, resolved, suppressed and archived findings are resolved.
    The description begins with what a check found about which resource.

    Raises
    ------
    RejectedAlertError
        If `GeneratorId`, type and title are all missing. Other invalid fields are left out.
    """
    finding = folded(document)
    title = text(finding, "Title")
    identity = copied(finding) or control(finding)
    rule = identity.rule_id if identity else text(finding, "GeneratorId", "Types[]") or title
    if not rule:
        raise RejectedAlertError("the rule is missing: one of GeneratorId, Types and Title is required")
    found = _collect(finding)
    sample = is_true(finding.get("sample")) or is_true(one(finding, f"ProductFields.{GUARDDUTY}additionalInfo/sample"))
    name = title or rule
    description = sentences(_found(finding), text(finding, "Description"))
    key = _key(finding) or hashed_key(rule, title, text(finding, "AwsAccountId"), found.identities())
    identity = identity or Identity("securityhub", rule, key)
    return build_alert(
        {
            "detector": identity.detector,
            "rule_id": identity.rule_id + SAMPLE_SUFFIX if sample else identity.rule_id,
            "rule_name": mark_sample(name) if sample else name,
            "alert_key": identity.alert_key,
            "description": mark_sample(description) if sample else description,
            "timestamp": first_instant(finding, *_TIMES),
            "severity": _severity(finding),
            "status": first_resolved(_states(finding)),
            "finding_id": guardduty_finding(text(finding, "Id")) or text(finding, "Id"),
            "attributes": found.attributes,
            "body": document,
            "source": source_of("securityhub", region_of(finding), standards(finding)),
        },
        notes,
    )


def _key(finding: Any) -> str | None:
    identifier, product = text(finding, "Id"), text(finding, "ProductArn")
    if not identifier:
        return None
    account = text(finding, "AwsAccountId") or ""
    key = f"{product}/{identifier}" if product else identifier
    return in_account(key, account) if _ACCOUNT.fullmatch(account) else key


def _states(finding: Any) -> Iterator[str | None]:
    yield from (text(finding, path) for path in _STATES)
    # In findings of other products anybody may have written these fields.
    product = product_of(finding)
    if product == "inspector":
        yield text(finding, "ProductFields.aws/inspector/FindingStatus")
    elif product == "guardduty" and is_true(one(finding, f"ProductFields.{GUARDDUTY}archived")):
        yield "archived"


def _found(finding: Any) -> str | None:
    """Return what a check decided, and why or about which resources, or which packages are vulnerable; else None."""
    reasons = (each for path in _REASONS for each in every(finding, path) if isinstance(each, str))
    packages = vulnerable_packages(every(finding, "Vulnerabilities[].VulnerablePackages[]"), "FixedInVersion")
    resources = (each for each in every(finding, "Resources[].Id") if isinstance(each, str))
    return verdict(text(finding, "Compliance.Status"), sentences(packages, *islice(reasons, _MOST_REASONS)), resources)


def _severity(finding: Any) -> str | None:
    """Return the label, else the product's word, else a number: Security Hub's, which has a known scale, first."""
    original = text(finding, *_ORIGINALS)
    if label := text(finding, *_LABELS):
        return label
    if original and not original[:1].isdigit():
        return original
    return _normalized(one(finding, "Severity.Normalized")) or original


def _normalized(value: Any) -> str | None:
    """Format a normalized severity with its label."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    label = asff_label(value)
    return f"{label} ({value:g})" if label else f"{value:g}"


def _collect(finding: Any) -> Collector:
    found = Collector(finding)
    fields = finding.get("productfields")
    service = guardduty_service(fields)
    action = finding.get("action")
    who = sides(action or service.get("action"), word(service, "resourceRole"))
    partition, account = text(finding, "Resources[].Partition") or "aws", text(finding, "AwsAccountId")
    add_action(found, action, who, partition, account)
    _add_network(found)
    add_action(found, service.get("action"), who, partition, account)
    add_evidence(found, service, partition)
    # GuardDuty says which account called; other products may import findings about one account into another.
    remote = text(service, "action.awsApiCallAction.remoteAccountDetails.accountId")
    by_guardduty = (text(finding, "ProductArn") or "").endswith("product/aws/guardduty")
    caller = (remote or account) if by_guardduty else None
    about = tuple(context for context in who.local if context not in {"client", "server"})
    is_check = one(finding, "Compliance.Status") is not None
    for resource in every(finding, "Resources[]"):
        _add_resource(found, resource, about, who, caller, is_check=is_check)
    _add_files(found)
    for indicator in every(finding, "ThreatIntelIndicators[]"):
        kind = _INDICATORS.get(word(indicator, "Type"))
        if kind:
            seen = parse_instant(one(indicator, "LastObservedAt"))
            found.add(kind, "threat intelligence", one(indicator, "Value"), ("additional",), seen)
    add_sequence(found, one(finding, "Detection.Sequence"), partition)
    found.add_at("Vulnerabilities[].Id", "cve", "vulnerability", ("local",))
    found.add_at("AwsAccountId", "account", "account", ("local",))
    add_product_fields(found, (fields, *map(opened, every(finding, "Resources[].Details.Other"))))
    return found


def _add_resource(
    found: Collector, resource: Any, about: tuple[str, ...], who: Sides, caller: str | None, *, is_check: bool
) -> None:
    """Add a resource. A user or key that did something is suspected; one whose settings were checked is not."""
    kind = word(resource, "Type")
    principal = contexts_of_principal(is_checked=is_check)
    whose = principal if is_principal(kind) else about
    for value in every(resource, "Id"):
        found.add_identifier("resource", value, whose)
    details = opened(one(resource, "Details"))
    add_details(found, details, about, who, principal)
    add_owner(found, details, caller, text(resource, "Partition") or "aws")


def _add_network(found: Collector) -> None:
    """Add both ends of `Network` and the addresses of `NetworkPath`."""
    whose = _NETWORK.get(found.word("Network.Direction"), ())
    for end, contexts in (("Source", ("client", *whose[:1])), ("Destination", ("server", *whose[1:]))):
        for version in ("IpV4", "IpV6"):
            found.add_at(f"Network.{end}{version}", "ipaddr", f"{end.lower()} IP address", contexts)
        found.add_at(f"Network.{end}Domain", "domain", f"{end.lower()} domain", contexts)
    for way in ("Ingress", "Egress"):
        for end in ("Source", "Destination"):
            # The address may be a range here, which inspectors cannot look up.
            for value in found.every(f"NetworkPath[].{way}.{end}.Address[]"):
                found.add_fitting("ipaddr", f"{end.lower()} on the network path", value, ("additional",))


def _add_files(found: Collector) -> None:
    for path, kind, key in _FILES:
        found.add_at(path, kind, key, ("file", "local"))

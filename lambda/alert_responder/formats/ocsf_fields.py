"""Fields of OCSF findings: rule, state, description, severity, product and time."""

import re
from collections.abc import Iterator
from typing import Any

from alert_responder.formats.extraction import every, first_instant, one, text
from alert_responder.formats.finding_state import sentences, verdict, vulnerable_packages
from alert_responder.formats.ocsf_copies import resource_id

_INCIDENT = 2005

_SEVERITIES = {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical", 6: "Fatal"}
"""severity_id to severity; 0 is unknown, and 99 means that the product has its own word."""

_STATES = {3: "suppressed", 4: "resolved", 5: "archived", 6: "closed"}
"""status_id of a finding that is no longer open; 6 means that it was deleted."""

_INCIDENT_STATES = {4: "resolved", 5: "closed"}
"""status_id of an incident that is no longer open; 3 means that it is on hold."""

_CLOSE, _PASS = 3, 1
"""activity_id and compliance.status_id with the same meaning."""

_VERDICTS = frozenset({"PASS", "PASSED", "FAIL", "FAILED", "MANUAL"})
"""Values of status_code that are the result of a check. The field may contain any other code."""

_TYPES = "finding_info.types[]"

_NAMED_RULE = (
    "compliance.control",
    "vulnerabilities[].cve.uid",
    "compliance.assessments[].name",
    "metadata.product.feature.uid",
    _TYPES,
    "finding_info.title",
    "message",
)
"""Fields with the rule, after `metadata.event_code` and the analytic; the first one that is present counts."""

_LONGEST_NUMBER = 9

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")

_TIMES = (
    "finding_info.last_seen_time",
    "finding_info.first_seen_time",
    "time",
    "finding_info.modified_time",
    "finding_info.created_time",
)
"""Fields with the time since the epoch, when it happened first; fields with the suffix ``_dt`` have it as text."""

_FOUND = ("message", "status_detail", "compliance.status_detail", "compliance.assessments[].desc")
"""Fields with what was found about which resource."""

_AWS_PRODUCT = re.compile(r"arn:[a-z-]+:securityhub:[a-z0-9-]*:[0-9]*:product(?:v2)?/(?:aws|amazon)/([a-z0-9-]{1,64})")


def rule_of(finding: Any) -> str | None:
    """Return the rule that a person would name, rather than what all findings of a product have in common."""
    uid, name = (text(finding, f"finding_info.analytic.{each}") for each in ("uid", "name"))
    if uid and _VERSION.fullmatch(uid):
        uid = None
    if name and any(isinstance(each, str) and each.startswith(f"{name}/") for each in every(finding, _TYPES)):
        name = None
    return text(finding, "metadata.event_code") or uid or name or text(finding, *_NAMED_RULE)


def finding_id_of(finding: Any) -> str | None:
    """Return the id that the finding has in each of its events; None if it is only the id of the event or the rule."""
    uid = text(finding, "finding_info.uid")
    return None if uid in {text(finding, "metadata.uid"), text(finding, "finding_info.analytic.uid")} else uid


def states_of(finding: Any) -> Iterator[str | None]:
    """Yield the words for the state of the finding, of its record in Security Hub, and of the check."""
    states = _INCIDENT_STATES if enumerated(finding.get("class_uid")) == _INCIDENT else _STATES
    for name in ("status", "state"):
        yield text(finding, name)
        yield states.get(enumerated(finding.get(f"{name}_id")))
    yield "closed" if enumerated(finding.get("activity_id")) == _CLOSE else None
    yield _verdict(finding)
    # In findings of other products anybody may have written these fields.
    if _AWS_PRODUCT.fullmatch(text(finding, "metadata.product.uid") or ""):
        yield from (text(finding["productfields"], name) for name in ("recordstate", "aws/inspector/findingstatus"))


def _verdict(finding: Any) -> str | None:
    """Return the result of a check in the product's own word."""
    given = text(finding, "compliance.status")
    if enumerated(one(finding, "compliance.status_id")) == _PASS or (given or "").lower() == "success":
        return "Pass"
    if given:
        return given
    code = text(finding, "status_code") or ""
    return code if code.upper() in _VERDICTS else None


def description_of(finding: Any, title: str | None) -> str:
    """Return what was found about which resource, then the general description."""
    packages = vulnerable_packages(every(finding, "vulnerabilities[].affected_packages[]"), "fixed_in_version")
    found = sentences(packages, *(each for each in (text(finding, path) for path in _FOUND) if each != title))
    resources = (each for each in map(resource_id, finding["resources"]) if each)
    general = (text(finding, path) for path in ("desc", "finding_info.desc"))
    return sentences(verdict(_verdict(finding), found, resources), *general)


def severity_of(finding: Any) -> str | None:
    """Return the product's word, or that of `severity_id`, before a number on an unknown scale."""
    given, known = text(finding, "severity"), _SEVERITIES.get(enumerated(finding.get("severity_id")))
    if given and known and given[:1].isdigit():
        return f"{known} ({given})"
    if not known and (given or "unknown").lower() in {"unknown", "other"}:
        return text(finding, "vendor_attributes.severity") or given
    return given or known


def source_service_of(finding: Any) -> str:
    """Return the service that sent the event: Security Hub for products with its ARN, else the product itself."""
    of_security_hub = _AWS_PRODUCT.fullmatch(text(finding, "metadata.product.uid") or "")
    return "securityhub" if of_security_hub else detector_of(finding)


def detector_of(finding: Any) -> str:
    """Return the service of an AWS product, else the product's name, else "ocsf"."""
    product = _AWS_PRODUCT.fullmatch(text(finding, "metadata.product.uid") or "")
    if product:
        return product[1]
    name = (text(finding, "metadata.product.name") or "").lower()
    return re.sub(r"[^a-z0-9]+", "-", name[:64]).strip("-") or "ocsf"


def enumerated(value: Any) -> int:
    """Return an enumerated value, also one that a product wrote as text; -1 for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_NUMBER:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def time_of(finding: Any) -> Any:
    """Return the time of the event: since the epoch or with an offset, else without one."""
    for path in _TIMES:
        exact = one(finding, f"{path}_dt")
        if isinstance(exact, str) and not re.search(r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})\s*$", exact[-8:]):
            exact = None
        if moment := first_instant({"dt": exact, "epoch": one(finding, path)}, "dt", "epoch"):
            return moment
    return first_instant(finding, *(f"{path}_dt" for path in _TIMES))

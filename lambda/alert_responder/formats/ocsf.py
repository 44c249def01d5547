"""Findings in OCSF, from Security Hub and any other product.

Format: https://schema.ocsf.io/categories/findings
Detector: the product.
"""

from collections.abc import Callable
from typing import Any

from alert_responder.contracts.alert import SAMPLE_PREFIX, SAMPLE_SUFFIX, Alert
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_activity import (
    Sides,
    add_action,
    add_evidence,
    add_indicators,
    mark_sample,
    sides,
)
from alert_responder.formats.extraction import Collector, every, folded, hashed_key, one, text, word
from alert_responder.formats.finding_state import first_resolved, is_true
from alert_responder.formats.identity import Identity, in_account
from alert_responder.formats.messages import quoted
from alert_responder.formats.ocsf_copies import details_of, identity_of, product_fields_of
from alert_responder.formats.ocsf_evidence import (
    add_actor,
    add_affected_resources,
    add_device,
    add_email,
    add_endpoints,
    add_evident_files,
    add_files,
    add_host,
    add_processes,
    add_requests,
    add_user,
    kind_of_account,
    partition_of,
)
from alert_responder.formats.ocsf_fields import (
    description_of,
    detector_of,
    enumerated,
    finding_id_of,
    rule_of,
    severity_of,
    source_service_of,
    states_of,
    time_of,
)
from alert_responder.formats.product_fields import add_product_fields, guardduty_service
from alert_responder.formats.securityhub_copies import guardduty_finding
from alert_responder.formats.securityhub_resources import (
    add_details,
    add_owner,
    contexts_of_principal,
    is_principal,
)

_CATEGORY = 2
"""The category of findings: its classes have numbers from 2001 (security finding) to 2999."""

_OBSERVABLES = {
    1: "domain",
    2: "ipaddr",
    4: "username",
    5: "email",
    6: "url",
    8: "filehashvalue",
    18: "cve",
    19: "accesskey",
    21: "username",
    23: "url",
    30: "filehashvalue",
    35: "account",
    45: "filepath",
}
"""observables[].type_id to attribute types. 10 (resource UID) is parsed as an identifier; others are left out."""

_OSINT = {1: "ipaddr", 2: "domain", 3: "domain", 4: "filehashvalue", 5: "url", 9: "email"}
"""osint[].type_id to attribute types."""

_TENANT = ("cloud.account.uid", "cloud.account_uid", "cloud.project_uid", "metadata.tenant_uid")
"""Fields with the account or tenant in which an id is unique; the first one that is present counts."""

_OWN = Sides(local=("local",), remote=())
"""The side of a resource's addresses."""

_OF_HOST = frozenset({"ip", "hostname", "domain"})

_OF_USER = frozenset({"owner", "user"})

_OF_DETAILS = frozenset({"data", "details"})
"""Fields of a resource that are read together."""

_MAY_DIFFER = frozenset({"accesskey", "domain", "filehashvalue", "url"})
"""Types whose fields may contain something else (a session id, a short name, a fuzzy hash), which is left out."""


def recognises(document: dict[str, Any]) -> bool:
    """Recognise an OCSF event by `class_uid` with `metadata` or `finding_info`."""
    return "class_uid" in document and bool({"metadata", "finding_info"} & document.keys())


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Convert a finding.

    The detector is the last part of `metadata.product.uid` for an AWS product (``guardduty``, ``securityhub``), else
    the product's name in lower case with hyphens, else ``ocsf``. The rule is the first of `metadata.event_code`, the
    analytic and further fields (`ocsf_fields`) that names one. The alert key is `finding_info.uid` within the account
    or tenant; without it, or if it is only the id of the rule or of the event, a hash of account, rule, title,
    resources and attributes. A finding that Security Hub has in ASFF too has the identity of its copy (`ocsf_copies`).
    The description begins with what was found about which resource. Times are since the epoch or in the `_dt` fields.
    A `_dt` without offset is used last, because some products write local time there.

    Raises
    ------
    RejectedAlertError
        If its class is not one of findings, or if it has no rule.
    """
    # Other types than a number do not identify another class.
    given = document.get("class_uid")
    if isinstance(given, int) and not isinstance(given, bool) and given // 1000 != _CATEGORY:
        raise RejectedAlertError(f"class_uid must be that of a finding, 2001 to 2999, got {quoted(given)}")
    finding = _normalized(folded(document))
    info = finding["finding_info"]
    title = text(finding, "finding_info.title", "message", "desc")
    rule = rule_of(finding)
    if not rule:
        raise RejectedAlertError(
            "the rule is missing: one of metadata.event_code, finding_info.analytic, finding_info.types and "
            "finding_info.title is required"
        )
    found = _collect(finding)
    copy, standards = identity_of(finding, info)
    identity = copy or Identity(detector_of(finding), rule, _key(finding, rule, title, found))
    sample = copy is not None and _is_sample(finding, copy, title)
    description = description_of(finding, title)
    return build_alert(
        {
            "detector": identity.detector,
            "rule_id": identity.rule_id + SAMPLE_SUFFIX if sample else identity.rule_id,
            "rule_name": mark_sample(title or rule) if sample else title or rule,
            "alert_key": identity.alert_key,
            "description": mark_sample(description) if sample else description,
            "timestamp": time_of(finding),
            "severity": severity_of(finding),
            "status": first_resolved(states_of(finding)),
            "finding_id": guardduty_finding(text(info, "uid")) or finding_id_of(finding),
            "attributes": found.attributes,
            "body": document,
            "source": source_of(source_service_of(finding), text(finding, "cloud.region"), standards),
        },
        notes,
    )


def _normalized(finding: Any) -> dict[str, Any]:
    """Return a folded finding with the fields of newer versions, `finding_info` and `resources`, and `productfields`.

    Security findings (2001) have `finding` instead, and incidents a list; findings of version 1.1 have one `resource`.
    """
    infos = (finding.get("finding_info"), finding.get("finding"), *every(finding, "finding_info_list[]"))
    resources = [each for path in ("resources[]", "resource") for each in every(finding, path)]
    info = next((each for each in infos if isinstance(each, dict)), {})
    fields = product_fields_of(finding)
    return {**finding, "finding_info": info, "resources": resources, "productfields": fields}


def _key(finding: Any, rule: str, title: str | None, found: Collector) -> str:
    tenant = text(finding, *_TENANT)
    if uid := finding_id_of(finding):
        return in_account(uid, tenant)
    resources = sorted({uid for uid in every(finding, "resources[].uid") if isinstance(uid, str)})
    return hashed_key(tenant, rule, title, resources, found.identities())


def _is_sample(finding: Any, copy: Identity, title: str | None) -> bool:
    """Check whether a copy is marked as a sample: by Security Hub, or by GuardDuty, which begins titles with a mark."""
    marked = copy.detector == "guardduty" and (title or "").startswith(SAMPLE_PREFIX)
    return marked or is_true(finding["productfields"].get("sample"))


def _collect(finding: Any) -> Collector:
    found = Collector(finding)
    # Artifacts are in evidences, or in the event itself if it uses the host or cloud profile.
    for evidence in (*every(finding, "evidences[]"), finding):
        if isinstance(evidence, dict):
            for fields, add in _EVIDENCE:
                if not evidence.keys().isdisjoint(fields):
                    add(found, evidence)
    for malware in every(finding, "malware[]"):
        add_files(found, every(malware, "files[]"), "malicious file")
        found.add_at("path", "filepath", "malicious file", ("file", "local"), malware)
    for path in ("observables[]", "finding_info.related_events[].observables[]"):
        for observable in every(finding, path):
            _add_observable(found, observable)
    for indicator in every(finding, "osint[]"):
        kind = _OSINT.get(enumerated(one(indicator, "type_id")))
        if kind:
            found.add_fitting(kind, "threat intelligence", one(indicator, "value"), ("additional",))
    add_indicators(found, every(finding, "finding_info.traits[]"), "name")
    _add_service(found, finding)
    found.add_at("vulnerabilities[].cve.uid", "cve", "vulnerability", ("local",))
    found.add_at("vulnerabilities[].affected_code[].file.path", "filepath", "vulnerable code", ("file", "local"))
    for path in _TENANT[:3]:
        kind = kind_of_account(found)
        found.add_at(path, kind, kind, ("local",))
    add_product_fields(found, (finding["productfields"],))
    return found


def _add_service(found: Collector, finding: Any) -> None:
    """Add what GuardDuty said beside the fields of OCSF."""
    service = guardduty_service(finding["productfields"])
    action, partition = service.get("action"), partition_of(found)
    who = sides(action, word(service, "resourceRole"))
    add_action(found, action, who, partition, text(finding, "cloud.account.uid"))
    add_evidence(found, service, partition)


def _is_guardduty(found: Collector) -> bool:
    return found.word("metadata.product.uid").endswith("/AWS/GUARDDUTY")


def _add_resources(found: Collector, evidence: Any) -> None:
    found.add_at("container.image.name", "image", "container image", ("local",), evidence)
    for path in ("resources[]", "databucket"):
        for resource in every(evidence, path):
            _add_resource(found, resource)


def _add_resource(found: Collector, resource: Any) -> None:
    # There may be 250,000 resources with few fields: only those that are present are read.
    if not isinstance(resource, dict):
        return
    kind = resource.get("type")
    is_checked = isinstance(kind, str) and is_principal(kind) and next(found.every("compliance"), None) is not None
    principal = contexts_of_principal(is_checked=is_checked)
    ours = principal if isinstance(kind, str) and is_principal(kind) else ("local", "object")
    for path in ("uid", "uid_alt", "name"):
        if path in resource:
            for value in every(resource, path):
                found.add_identifier("resource", value, ours)
    if not _OF_HOST.isdisjoint(resource):
        found.add_at("ip", "ipaddr", "resource", ours, resource)
        add_host(found, resource, "resource's", ours)
    if not _OF_USER.isdisjoint(resource):
        for owner in every(resource, "owner"):
            add_user(found, owner, "owner of the resource", ("local",))
        for user in every(resource, "user"):
            add_user(found, user, "user", ("subject",))
    if _OF_DETAILS.isdisjoint(resource):
        return
    details = details_of(resource)
    if isinstance(details, dict):
        add_details(found, details, ours, _OWN, principal)
        # In GuardDuty's findings the key is of the account of the finding; other products may import those of others.
        account = next(found.every("cloud.account.uid"), None) if _is_guardduty(found) else None
        add_owner(found, details, text(resource, "owner.account.uid") or account, partition_of(found, resource))


def _add_observable(found: Collector, observable: Any) -> None:
    name, value = text(observable, "name") or "observable", one(observable, "value")
    kind_id = enumerated(one(observable, "type_id"))
    contexts = ["additional"]
    contexts += [role for part, role in (("src_endpoint", "client"), ("dst_endpoint", "server")) if part in name]
    if kind_id == 10:
        found.add_identifier(name, value, contexts)
    elif (kind := _OBSERVABLES.get(kind_id)) in _MAY_DIFFER:
        found.add_fitting(str(kind), name, value, contexts)
    elif kind:
        found.add(kind, name, value, contexts)


_EVIDENCE: tuple[tuple[frozenset[str], Callable[[Collector, Any], None]], ...] = (
    (frozenset({"src_endpoint", "dst_endpoint"}), add_endpoints),
    (frozenset({"actor", "user"}), add_actor),
    (frozenset({"url", "http_request", "query", "tls"}), add_requests),
    (frozenset({"email"}), add_email),
    (frozenset({"device"}), add_device),
    (frozenset({"process", "actor"}), add_processes),
    (frozenset({"file", "script", "job", "databucket"}), add_evident_files),
    (frozenset({"container", "resources", "databucket"}), _add_resources),
    (frozenset({"data"}), add_affected_resources),
)
"""Functions by the fields of an evidence that they read. Only those are called: there may be 250,000 evidences."""

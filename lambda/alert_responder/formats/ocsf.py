"""Findings in OCSF, from Security Hub and any other product.

Format: https://schema.ocsf.io/categories/findings
Detector: the product.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from alert_responder.contracts.alert import SAMPLE_PREFIX, SAMPLE_SUFFIX, Alert
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_activity import (
    Sides,
    add_action,
    add_affected,
    add_evidence,
    add_indicators,
    add_principal,
    mark_sample,
    sides,
)
from alert_responder.formats.extraction import Collector, every, first_instant, folded, hashed_key, one, text, word
from alert_responder.formats.finding_state import first_resolved, is_true, sentences, verdict, vulnerable_packages
from alert_responder.formats.identity import Identity, in_account
from alert_responder.formats.messages import quoted
from alert_responder.formats.nested_text import opened
from alert_responder.formats.ocsf_copies import details_of, identity_of, product_fields_of, resource_id
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

_TENANT = ("cloud.account.uid", "cloud.account_uid", "cloud.project_uid", "metadata.tenant_uid")
"""Fields with the account or tenant in which an id is unique; the first one that is present counts."""

_WHOSE = {1: ("remote", "local"), 2: ("local", "remote"), 3: ("local", "local"), 4: ("local", "local")}
"""connection_info.direction_id to the sides of source and destination: inbound, outbound, lateral, local."""

_DIRECTIONS = {"INBOUND": 1, "OUTBOUND": 2, "LATERAL": 3, "LOCAL": 4}
"""connection_info.direction to its id, which some products leave out."""

_OWN = Sides(local=("local",), remote=())
"""The side of a resource's addresses."""

_OF_HOST = frozenset({"ip", "hostname", "domain"})
_OF_USER = frozenset({"owner", "user"})
_OF_DETAILS = frozenset({"data", "details"})
"""Fields of a resource that are read together."""

_LOCAL_FIELDS = ("instance_uid", "interface_uid", "vpc_uid", "subnet_uid")
"""Fields that only the organisation's endpoints have."""

_SENDERS = ("from", "from_list[]", "sender", "smtp_from", "reply_to", "reply_to_list[]", "return_path")
_RECIPIENTS = ("to[]", "cc[]", "smtp_to[]", "delivered_to", "delivered_to_list[]")
_EMAIL = (
    *((path, "email", "sender", ("subject",)) for path in _SENDERS),
    *((path, "email", "recipient", ("object",)) for path in _RECIPIENTS),
    ("x_originating_ip[]", "ipaddr", "originating IP address", ("client",)),
    ("urls[].url_string", "url", "URL in the message", ()),
)
"""Fields of a message, below `email`: path, attribute type, key, contexts."""

_AWS_PRODUCT = re.compile(r"arn:[a-z-]+:securityhub:[a-z0-9-]*:[0-9]*:product(?:v2)?/(?:aws|amazon)/([a-z0-9-]{1,64})")
_MAY_DIFFER = frozenset({"accesskey", "domain", "filehashvalue", "url"})
"""Types whose fields may contain something else (a session id, a short name, a fuzzy hash), which is left out."""


def recognises(document: dict[str, Any]) -> bool:
    """Recognise an OCSF event by `class_uid` with `metadata` or `finding_info`."""
    return "class_uid" in document and bool({"metadata", "finding_info"} & document.keys())


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Convert a finding.

    The detector is the last part of `metadata.product.uid` for an AWS product (``guardduty``, ``securityhub``), else
    the product's name in lower case with hyphens, else ``ocsf``. The rule is the first of `metadata.event_code`, the
    analytic and `_NAMED_RULE` that names one. The alert key is `finding_info.uid` within the account or tenant; without
    it, or if it is only the id of the rule or of the event, a hash of account, rule, title, resources and attributes. A
    finding that Security Hub has in ASFF too has the
    identity of its copy (`ocsf_copies`). The description begins with what was found about which resource. Times are
    since the epoch or in the `_dt` fields. A `_dt` without offset is used last, because some products write local time
    there.

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
    rule = _rule(finding)
    if not rule:
        raise RejectedAlertError(
            "the rule is missing: one of metadata.event_code, finding_info.analytic, finding_info.types and "
            "finding_info.title is required"
        )
    found = _collect(finding)
    copy, standards = identity_of(finding, info)
    identity = copy or Identity(_detector(finding), rule, _key(finding, rule, title, found))
    sample = copy is not None and _is_sample(finding, copy, title)
    description = _description(finding, title)
    return build_alert(
        {
            "detector": identity.detector,
            "rule_id": identity.rule_id + SAMPLE_SUFFIX if sample else identity.rule_id,
            "rule_name": mark_sample(title or rule) if sample else title or rule,
            "alert_key": identity.alert_key,
            "description": mark_sample(description) if sample else description,
            "timestamp": _time(finding),
            "severity": _severity(finding),
            "status": first_resolved(_states(finding)),
            "finding_id": guardduty_finding(text(info, "uid")) or _finding_id(finding),
            "attributes": found.attributes,
            "body": document,
            "source": source_of(_source(finding), text(finding, "cloud.region"), standards),
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


def _rule(finding: Any) -> str | None:
    """Return the rule that a person would name, rather than what all findings of a product have in common."""
    uid, name = (text(finding, f"finding_info.analytic.{each}") for each in ("uid", "name"))
    if uid and _VERSION.fullmatch(uid):
        uid = None
    if name and any(isinstance(each, str) and each.startswith(f"{name}/") for each in every(finding, _TYPES)):
        name = None
    return text(finding, "metadata.event_code") or uid or name or text(finding, *_NAMED_RULE)


def _finding_id(finding: Any) -> str | None:
    """Return the id that the finding has in each of its events; None if it is only the id of the event or the rule."""
    uid = text(finding, "finding_info.uid")
    return None if uid in {text(finding, "metadata.uid"), text(finding, "finding_info.analytic.uid")} else uid


def _key(finding: Any, rule: str, title: str | None, found: Collector) -> str:
    tenant = text(finding, *_TENANT)
    if uid := _finding_id(finding):
        return in_account(uid, tenant)
    resources = sorted({uid for uid in every(finding, "resources[].uid") if isinstance(uid, str)})
    return hashed_key(tenant, rule, title, resources, found.identities())


def _is_sample(finding: Any, copy: Identity, title: str | None) -> bool:
    """Check whether a copy is marked as a sample: by Security Hub, or by GuardDuty, which begins titles with a mark."""
    marked = copy.detector == "guardduty" and (title or "").startswith(SAMPLE_PREFIX)
    return marked or is_true(finding["productfields"].get("sample"))


def _states(finding: Any) -> Iterator[str | None]:
    """Yield the words for the state of the finding, of its record in Security Hub, and of the check."""
    states = _INCIDENT_STATES if _integer(finding.get("class_uid")) == _INCIDENT else _STATES
    for name in ("status", "state"):
        yield text(finding, name)
        yield states.get(_integer(finding.get(f"{name}_id")))
    yield "closed" if _integer(finding.get("activity_id")) == _CLOSE else None
    yield _verdict(finding)
    # In findings of other products anybody may have written these fields.
    if _AWS_PRODUCT.fullmatch(text(finding, "metadata.product.uid") or ""):
        yield from (text(finding["productfields"], name) for name in ("recordstate", "aws/inspector/findingstatus"))


def _verdict(finding: Any) -> str | None:
    """Return the result of a check in the product's own word."""
    given = text(finding, "compliance.status")
    if _integer(one(finding, "compliance.status_id")) == _PASS or (given or "").lower() == "success":
        return "Pass"
    if given:
        return given
    code = text(finding, "status_code") or ""
    return code if code.upper() in _VERDICTS else None


def _description(finding: Any, title: str | None) -> str:
    packages = vulnerable_packages(every(finding, "vulnerabilities[].affected_packages[]"), "fixed_in_version")
    found = sentences(packages, *(each for each in (text(finding, path) for path in _FOUND) if each != title))
    resources = (each for each in map(resource_id, finding["resources"]) if each)
    general = (text(finding, path) for path in ("desc", "finding_info.desc"))
    return sentences(verdict(_verdict(finding), found, resources), *general)


def _severity(finding: Any) -> str | None:
    """Return the product's word, or that of `severity_id`, before a number on an unknown scale."""
    given, known = text(finding, "severity"), _SEVERITIES.get(_integer(finding.get("severity_id")))
    if given and known and given[:1].isdigit():
        return f"{known} ({given})"
    if not known and (given or "unknown").lower() in {"unknown", "other"}:
        return text(finding, "vendor_attributes.severity") or given
    return given or known


def _source(finding: Any) -> str:
    of_security_hub = _AWS_PRODUCT.fullmatch(text(finding, "metadata.product.uid") or "")
    return "securityhub" if of_security_hub else _detector(finding)


def _detector(finding: Any) -> str:
    product = _AWS_PRODUCT.fullmatch(text(finding, "metadata.product.uid") or "")
    if product:
        return product[1]
    name = (text(finding, "metadata.product.name") or "").lower()
    return re.sub(r"[^a-z0-9]+", "-", name[:64]).strip("-") or "ocsf"


def _integer(value: Any) -> int:
    """Return an enumerated value, also one that a product wrote as text; -1 for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_NUMBER:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _time(finding: Any) -> Any:
    for path in _TIMES:
        exact = one(finding, f"{path}_dt")
        if isinstance(exact, str) and not re.search(r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})\s*$", exact[-8:]):
            exact = None
        if moment := first_instant({"dt": exact, "epoch": one(finding, path)}, "dt", "epoch"):
            return moment
    return first_instant(finding, *(f"{path}_dt" for path in _TIMES))


def _collect(finding: Any) -> Collector:
    found = Collector(finding)
    # Artifacts are in evidences, or in the event itself if it uses the host or cloud profile.
    for evidence in (*every(finding, "evidences[]"), finding):
        if isinstance(evidence, dict):
            for fields, add in _EVIDENCE:
                if not evidence.keys().isdisjoint(fields):
                    add(found, evidence)
    for malware in every(finding, "malware[]"):
        _add_files(found, every(malware, "files[]"), "malicious file")
        found.add_at("path", "filepath", "malicious file", ("file", "local"), malware)
    for path in ("observables[]", "finding_info.related_events[].observables[]"):
        for observable in every(finding, path):
            _add_observable(found, observable)
    for indicator in every(finding, "osint[]"):
        kind = _OSINT.get(_integer(one(indicator, "type_id")))
        if kind:
            found.add_fitting(kind, "threat intelligence", one(indicator, "value"), ("additional",))
    add_indicators(found, every(finding, "finding_info.traits[]"), "name")
    _add_service(found, finding)
    found.add_at("vulnerabilities[].cve.uid", "cve", "vulnerability", ("local",))
    found.add_at("vulnerabilities[].affected_code[].file.path", "filepath", "vulnerable code", ("file", "local"))
    for path in _TENANT[:3]:
        kind = _kind_of_account(found)
        found.add_at(path, kind, kind, ("local",))
    add_product_fields(found, (finding["productfields"],))
    return found


def _add_service(found: Collector, finding: Any) -> None:
    """Add what GuardDuty said beside the fields of OCSF."""
    service = guardduty_service(finding["productfields"])
    action, partition = service.get("action"), _partition(found)
    who = sides(action, word(service, "resourceRole"))
    add_action(found, action, who, partition, text(finding, "cloud.account.uid"))
    add_evidence(found, service, partition)


def _partition(found: Collector, resource: Any = None) -> str:
    return next((each for each in found.every("cloud.cloud_partition") if isinstance(each, str)), None) or (
        text(resource, "cloud_partition") or "aws"
    )


def _kind_of_account(found: Collector) -> str:
    """Return "account" for AWS, and "project" for other clouds, whose projects and subscriptions OCSF has here."""
    return "account" if found.word("cloud.provider") in {"", "AWS", "AMAZON"} else "project"


def _is_guardduty(found: Collector) -> bool:
    return found.word("metadata.product.uid").endswith("/AWS/GUARDDUTY")


def _add_endpoints(found: Collector, evidence: Any) -> None:
    direction = _integer(one(evidence, "connection_info.direction_id"))
    if direction not in _WHOSE:
        direction = _DIRECTIONS.get(word(evidence, "connection_info.direction"), direction)
    whose = _WHOSE.get(direction, (None, None))
    ends = (("src_endpoint", "source", "client"), ("dst_endpoint", "destination", "server"))
    for (name, key, role), side in zip(ends, whose, strict=True):
        for endpoint in every(evidence, name):
            is_local = any(one(endpoint, field) for field in _LOCAL_FIELDS)
            contexts = tuple(filter(None, (side or ("local" if is_local else None), role)))
            found.add_at("ip", "ipaddr", f"{key} IP address", contexts, endpoint)
            _add_host(found, endpoint, key, contexts)
            # Security Hub has the domains of attack sequences here.
            for value in every(endpoint, "uid"):
                found.add_fitting("domain", f"{key} host", value, contexts)
            for value in every(endpoint, "instance_uid"):
                found.add_identifier(key, value, contexts)
            found.add_at(
                "intermediate_ips[]", "ipaddr", f"intermediate address of the {key}", ("additional",), endpoint
            )


def _add_affected(found: Collector, evidence: Any) -> None:
    """Add what a call affected: Security Hub has GuardDuty's `affectedResources` here."""
    data = opened(evidence.get("data"))
    for path in ("affected_resource", "affected_resources", "affectedresources"):
        for affected in every(data, path):
            add_affected(found, affected, _partition(found), next(found.every("cloud.account.uid"), None))


def _add_host(found: Collector, node: Any, key: str, contexts: Iterable[str]) -> None:
    for field in ("hostname", "domain"):
        for value in every(node, field):
            found.add_fitting("domain", f"{key} host", value, contexts)


def _add_actor(found: Collector, evidence: Any) -> None:
    for path in ("actor.user", "user"):
        for user in every(evidence, path):
            _add_user(found, user, "user", ("subject",))
    for value in every(evidence, "actor.session.credential_uid"):
        found.add_fitting("accesskey", "access key of the session", value, ("subject",))
    for value in every(evidence, "actor.session.issuer"):
        found.add_identifier("issuer of the session", value, ("subject",))
    for value in every(evidence, "actor.invoked_by"):
        found.add_fitting("domain", "invoked by", value, ("subject",))


def _add_user(found: Collector, user: Any, key: str, contexts: tuple[str, ...]) -> None:
    found.add_at("name", "username", key, contexts, user)
    found.add_at("email_addr", "email", f"e-mail address of the {key}", contexts, user)
    kind = _kind_of_account(found)
    found.add_at("account.uid", kind, f"{kind} of the {key}", contexts, user)
    for value in every(user, "credential_uid"):
        found.add_fitting("accesskey", f"access key of the {key}", value, contexts)
    for path in ("uid", "uid_alt"):
        for value in every(user, path):
            found.add_identifier(key, value, contexts)
    if found.word("cloud.provider") == "AWS":
        kind, name, account = word(user, "type"), text(user, "name"), text(user, "account.uid")
        add_principal(found, key, kind, name, account, _partition(found), contexts)


def _add_requests(found: Collector, evidence: Any) -> None:
    far = ("server",)
    for url in (*every(evidence, "url"), *every(evidence, "http_request.url")):
        if isinstance(url, str):
            found.add("url", "URL", url, far)
        found.add_at("url_string", "url", "URL", far, url)
        _add_host(found, url, "URL's", far)
    for value in every(evidence, "http_request.x_forwarded_for[]"):
        found.add_fitting("ipaddr", "forwarded for", value, ("additional", "client"))
    for value in every(evidence, "http_request.referrer"):
        found.add_fitting("url", "referrer", value, ("additional",))
    for path, key in (("query.hostname", "requested domain"), ("tls.sni", "TLS server name")):
        for value in every(evidence, path):
            found.add_fitting("domain", key, value, far)


def _add_email(found: Collector, evidence: Any) -> None:
    email = one(evidence, "email")
    for path, kind, key, contexts in _EMAIL:
        found.add_at(path, kind, key, contexts, email)
    _add_files(found, every(email, "files[]"), "attachment")


def _add_device(found: Collector, evidence: Any) -> None:
    device = one(evidence, "device")
    # It may be the device of a caller. Its side follows from the address.
    found.add_at("ip", "ipaddr", "device", (), device)
    found.add_at("network_interfaces[].ip", "ipaddr", "device", (), device)
    _add_host(found, device, "device's", ())
    for path in ("instance_uid", "uid"):
        for value in every(device, path):
            found.add_identifier("device", value, ("local",))
    found.add_at("owner.name", "username", "owner of the device", ("local",), device)


def _add_processes(found: Collector, evidence: Any) -> None:
    for path in ("process", "actor.process"):
        _add_process(found, one(evidence, path))


def _add_process(found: Collector, process: Any) -> None:
    key = "process"
    while isinstance(process, dict):
        _add_files(found, every(process, "file"), f"executable of the {key}")
        found.add_at("user.name", "username", f"user of the {key}", ("local", "subject"), process)
        process, key = process.get("parent_process"), "parent process"


def _add_evident_files(found: Collector, evidence: Any) -> None:
    for path in ("file", "script.file", "job.file", "databucket.file"):
        _add_files(found, every(evidence, path))
    _add_hashes(found, every(evidence, "script.hashes[]"), "script")


def _add_files(found: Collector, files: Iterable[Any], key: str = "file") -> None:
    for file in files:
        _add_hashes(found, every(file, "hashes[]"), key)
        found.add_at("path", "filepath", key, ("file", "local"), file)


def _add_hashes(found: Collector, fingerprints: Iterable[Any], key: str) -> None:
    for fingerprint in fingerprints:
        for value in every(fingerprint, "value"):
            found.add_fitting("filehashvalue", key, value, ("file",))


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
        _add_host(found, resource, "resource's", ours)
    if not _OF_USER.isdisjoint(resource):
        for owner in every(resource, "owner"):
            _add_user(found, owner, "owner of the resource", ("local",))
        for user in every(resource, "user"):
            _add_user(found, user, "user", ("subject",))
    if _OF_DETAILS.isdisjoint(resource):
        return
    details = details_of(resource)
    if isinstance(details, dict):
        add_details(found, details, ours, _OWN, principal)
        # In GuardDuty's findings the key is of the account of the finding; other products may import those of others.
        account = next(found.every("cloud.account.uid"), None) if _is_guardduty(found) else None
        add_owner(found, details, text(resource, "owner.account.uid") or account, _partition(found, resource))


def _add_observable(found: Collector, observable: Any) -> None:
    name, value = text(observable, "name") or "observable", one(observable, "value")
    kind_id = _integer(one(observable, "type_id"))
    contexts = ["additional"]
    contexts += [role for part, role in (("src_endpoint", "client"), ("dst_endpoint", "server")) if part in name]
    if kind_id == 10:
        found.add_identifier(name, value, contexts)
    elif (kind := _OBSERVABLES.get(kind_id)) in _MAY_DIFFER:
        found.add_fitting(str(kind), name, value, contexts)
    elif kind:
        found.add(kind, name, value, contexts)


_EVIDENCE: tuple[tuple[frozenset[str], Callable[[Collector, Any], None]], ...] = (
    (frozenset({"src_endpoint", "dst_endpoint"}), _add_endpoints),
    (frozenset({"actor", "user"}), _add_actor),
    (frozenset({"url", "http_request", "query", "tls"}), _add_requests),
    (frozenset({"email"}), _add_email),
    (frozenset({"device"}), _add_device),
    (frozenset({"process", "actor"}), _add_processes),
    (frozenset({"file", "script", "job", "databucket"}), _add_evident_files),
    (frozenset({"container", "resources", "databucket"}), _add_resources),
    (frozenset({"data"}), _add_affected),
)
"""Functions by the fields of an evidence that they read. Only those are called: there may be 250,000 evidences."""

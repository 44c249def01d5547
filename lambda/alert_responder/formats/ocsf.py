"""OCSF Detection Finding (class 2004), from Security Hub and any other product.

Format: https://schema.ocsf.io/classes/detection_finding
Detector: the product.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any

from alert_responder.contracts.alert import SAMPLE_PREFIX, SAMPLE_SUFFIX, Alert, Attribute
from alert_responder.domain.attributes import canonical
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_activity import add_principal
from alert_responder.formats.extraction import Collector, every, first_instant, folded, hashed_key, one, text, word
from alert_responder.formats.identity import Identity, principal_key
from alert_responder.formats.messages import quoted
from alert_responder.formats.securityhub_copies import guardduty_finding, original_type

DETECTION_FINDING = 2004
"""The only class that is parsed. Others (2002 vulnerability, 2003 compliance) describe states, in other fields."""

_SEVERITIES = {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical", 6: "Fatal"}
"""severity_id to severity; 0 is unknown, and 99 means that the product has its own word."""

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

_RULE = (
    "metadata.event_code",
    "finding_info.analytic.uid",
    "finding_info.analytic.name",
    "finding_info.types[]",
    "finding_info.title",
    "message",
)
"""Fields with the rule; the first one that is present counts."""

_TIMES = ("time", "finding_info.last_seen_time", "finding_info.modified_time", "finding_info.created_time")
"""Fields with the time since the epoch; fields with the suffix ``_dt`` have it as text."""

_WHOSE = {1: ("remote", "local"), 2: ("local", "remote"), 3: ("local", "local"), 4: ("local", "local")}
"""connection_info.direction_id to the sides of source and destination: inbound, outbound, lateral, local."""

_LOCAL_FIELDS = ("instance_uid", "interface_uid", "vpc_uid", "subnet_uid")
"""Fields that only the organisation's endpoints have."""

_SENDERS = ("from", "from_list[]", "sender", "smtp_from", "reply_to", "reply_to_list[]", "return_path")
_RECIPIENTS = ("to[]", "cc[]", "smtp_to[]", "delivered_to", "delivered_to_list[]")
_EMAIL = (
    *((path, "email", "sender", ("remote", "subject")) for path in _SENDERS),
    *((path, "email", "recipient", ("local", "object")) for path in _RECIPIENTS),
    ("x_originating_ip[]", "ipaddr", "originating IP address", ("remote",)),
    ("urls[].url_string", "url", "URL in the message", ("remote",)),
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
    analytic's uid or name, the first finding type, and the title. The alert key is `finding_info.uid`; without it, it
    is a hash of account, rule, title, resources and attributes. A copy of a GuardDuty finding has the rule and key that
    it has in GuardDuty, so that it joins the report of the original. Times are since the epoch or in the `_dt` fields.
    A `_dt` without offset is used last, because some products write local time there.

    Raises
    ------
    RejectedAlertError
        If it has another class, or no rule.
    """
    # Other types than a number do not identify another class.
    given = document.get("class_uid")
    if isinstance(given, int) and not isinstance(given, bool) and given != DETECTION_FINDING:
        raise RejectedAlertError(f"class_uid must be {DETECTION_FINDING} (Detection Finding), got {quoted(given)}")
    finding = folded(document)
    title = text(finding, "finding_info.title", "message")
    rule = text(finding, *_RULE)
    if not rule:
        raise RejectedAlertError(
            "the rule is missing: one of metadata.event_code, finding_info.analytic, finding_info.types and "
            "finding_info.title is required"
        )
    found = _collect(finding)
    resources = sorted({uid for uid in every(finding, "resources[].uid") if isinstance(uid, str)})
    derived = (text(finding, "cloud.account.uid"), rule, title, resources, found.identities())
    key = text(finding, "finding_info.uid") or hashed_key(*derived)
    detector, rule_id, alert_key = _guardduty(finding, title or "") or Identity(_detector(finding), rule, key)
    return build_alert(
        {
            "detector": detector,
            "rule_id": rule_id,
            "rule_name": title or rule,
            "alert_key": alert_key,
            "description": text(finding, "finding_info.desc", "message", "status_detail"),
            "timestamp": _time(finding),
            "severity": text(finding, "severity") or _SEVERITIES.get(_integer(one(finding, "severity_id"))),
            "attributes": found.attributes,
            "body": document,
            "source": source_of(_source(finding), text(finding, "cloud.region")),
        },
        notes,
    )


def _guardduty(finding: Any, title: str) -> Identity | None:
    """Return the identity in GuardDuty of a GuardDuty finding's copy; None if it is not one, or lacks the fields."""
    finding_id = guardduty_finding(text(finding, "finding_info.uid"))
    types = (original_type(kind) for kind in every(finding, "finding_info.types[]") if isinstance(kind, str))
    rule = next((kind for kind in types if kind), None)
    if not finding_id or not rule or _detector(finding) != "guardduty":
        return None
    principal = text(finding, "resources[].data.user_name", "resources[].user.name")
    first_seen = first_instant(finding, "finding_info.first_seen_time_dt", "finding_info.first_seen_time")
    key = principal_key(rule, text(finding, "cloud.account.uid"), principal, first_seen) or finding_id
    marked = rule + SAMPLE_SUFFIX if title.startswith(SAMPLE_PREFIX) else rule
    return Identity("guardduty", marked, key)


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
            found.add_fitting(kind, "threat intelligence", one(indicator, "value"), ("additional", "remote"))
    found.add_at("vulnerabilities[].cve.uid", "cve", "vulnerability", ("local",))
    found.add_at("cloud.account.uid", "account", "account", ("local",))
    return found


def _add_endpoints(found: Collector, evidence: Any) -> None:
    direction = _integer(one(evidence, "connection_info.direction_id"))
    source, destination = _WHOSE.get(direction, (None, None))
    if direction not in _WHOSE and evidence.get("api") is not None:
        source = "remote"
    for name, side, role in (("src_endpoint", source, "client"), ("dst_endpoint", destination, "server")):
        key = {"client": "source", "server": "destination"}[role]
        for endpoint in every(evidence, name):
            contexts = (side or _whose(endpoint), role)
            found.add_at("ip", "ipaddr", f"{key} IP address", contexts, endpoint)
            _add_host(found, endpoint, key, contexts)
            for value in every(endpoint, "instance_uid"):
                found.add_identifier(key, value, contexts)
            found.add_at(
                "intermediate_ips[]", "ipaddr", f"intermediate address of the {key}", ("additional",), endpoint
            )


def _whose(endpoint: Any) -> str:
    """Decide between local and remote without a direction: by fields of local endpoints, else by address."""
    if any(one(endpoint, field) for field in _LOCAL_FIELDS):
        return "local"
    address = one(endpoint, "ip")
    known = canonical(Attribute(type="ipaddr", value=address)) if isinstance(address, str) and address else None
    return "local" if known and not ipaddress.ip_address(known).is_global else "remote"


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
    found.add_at("account.uid", "account", f"account of the {key}", contexts, user)
    for value in every(user, "credential_uid"):
        found.add_fitting("accesskey", f"access key of the {key}", value, contexts)
    for path in ("uid", "uid_alt"):
        for value in every(user, path):
            found.add_identifier(key, value, contexts)
    if found.word("cloud.provider") == "AWS":
        partition = next((each for each in found.every("cloud.cloud_partition") if isinstance(each, str)), "aws")
        kind, name, account = word(user, "type"), text(user, "name"), text(user, "account.uid")
        add_principal(found, key, kind, name, account, partition, contexts)


def _add_requests(found: Collector, evidence: Any) -> None:
    far = ("remote", "server")
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
    found.add_at("ip", "ipaddr", "device", ("local",), device)
    found.add_at("network_interfaces[].ip", "ipaddr", "device", ("local",), device)
    _add_host(found, device, "device's", ("local",))
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
    ours = ("local", "object")
    for path in ("uid", "uid_alt", "name"):
        for value in every(resource, path):
            found.add_identifier("resource", value, ours)
    found.add_at("ip", "ipaddr", "resource", ours, resource)
    _add_host(found, resource, "resource's", ours)
    for owner in every(resource, "owner"):
        _add_user(found, owner, "owner of the resource", ("local",))


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
)
"""Functions by the fields of an evidence that they read. Only those are called: there may be 250,000 evidences."""

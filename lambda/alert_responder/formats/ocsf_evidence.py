"""Attributes in the evidence of OCSF findings: endpoints, users, requests, messages, processes and files."""

from collections.abc import Iterable
from typing import Any

from alert_responder.formats.aws_activity import add_affected, add_principal
from alert_responder.formats.extraction import Collector, every, one, text, word
from alert_responder.formats.nested_text import opened
from alert_responder.formats.ocsf_fields import enumerated

_WHOSE = {1: ("remote", "local"), 2: ("local", "remote"), 3: ("local", "local"), 4: ("local", "local")}
"""connection_info.direction_id to the sides of source and destination: inbound, outbound, lateral, local."""

_DIRECTIONS = {"INBOUND": 1, "OUTBOUND": 2, "LATERAL": 3, "LOCAL": 4}
"""connection_info.direction to its id, which some products leave out."""

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


def partition_of(found: Collector, resource: Any = None) -> str:
    """Return the partition of AWS: that of the event, else that of the resource, else "aws"."""
    return next((each for each in found.every("cloud.cloud_partition") if isinstance(each, str)), None) or (
        text(resource, "cloud_partition") or "aws"
    )


def kind_of_account(found: Collector) -> str:
    """Return "account" for AWS, and "project" for other clouds, whose projects and subscriptions OCSF has here."""
    return "account" if found.word("cloud.provider") in {"", "AWS", "AMAZON"} else "project"


def add_endpoints(found: Collector, evidence: Any) -> None:
    """Add both ends of a connection, each with its side if the event states one."""
    direction = enumerated(one(evidence, "connection_info.direction_id"))
    if direction not in _WHOSE:
        direction = _DIRECTIONS.get(word(evidence, "connection_info.direction"), direction)
    whose = _WHOSE.get(direction, (None, None))
    ends = (("src_endpoint", "source", "client"), ("dst_endpoint", "destination", "server"))
    for (name, key, role), side in zip(ends, whose, strict=True):
        for endpoint in every(evidence, name):
            is_local = any(one(endpoint, field) for field in _LOCAL_FIELDS)
            contexts = tuple(filter(None, (side or ("local" if is_local else None), role)))
            found.add_at("ip", "ipaddr", f"{key} IP address", contexts, endpoint)
            add_host(found, endpoint, key, contexts)
            # Security Hub has the domains of attack sequences here.
            for value in every(endpoint, "uid"):
                found.add_fitting("domain", f"{key} host", value, contexts)
            for value in every(endpoint, "instance_uid"):
                found.add_identifier(key, value, contexts)
            found.add_at(
                "intermediate_ips[]", "ipaddr", f"intermediate address of the {key}", ("additional",), endpoint
            )


def add_affected_resources(found: Collector, evidence: Any) -> None:
    """Add what a call affected: Security Hub has GuardDuty's `affectedResources` here."""
    data = opened(evidence.get("data"))
    for path in ("affected_resource", "affected_resources", "affectedresources"):
        for affected in every(data, path):
            add_affected(found, affected, partition_of(found), next(found.every("cloud.account.uid"), None))


def add_host(found: Collector, node: Any, key: str, contexts: Iterable[str]) -> None:
    """Add the host of an endpoint, device, URL or resource."""
    for field in ("hostname", "domain"):
        for value in every(node, field):
            found.add_fitting("domain", f"{key} host", value, contexts)


def add_actor(found: Collector, evidence: Any) -> None:
    """Add the user and the session that acted."""
    for path in ("actor.user", "user"):
        for user in every(evidence, path):
            add_user(found, user, "user", ("subject",))
    for value in every(evidence, "actor.session.credential_uid"):
        found.add_fitting("accesskey", "access key of the session", value, ("subject",))
    for value in every(evidence, "actor.session.issuer"):
        found.add_identifier("issuer of the session", value, ("subject",))
    for value in every(evidence, "actor.invoked_by"):
        found.add_fitting("domain", "invoked by", value, ("subject",))


def add_user(found: Collector, user: Any, key: str, contexts: tuple[str, ...]) -> None:
    """Add the names, ids, keys and account of a user."""
    found.add_at("name", "username", key, contexts, user)
    found.add_at("email_addr", "email", f"e-mail address of the {key}", contexts, user)
    kind = kind_of_account(found)
    found.add_at("account.uid", kind, f"{kind} of the {key}", contexts, user)
    for value in every(user, "credential_uid"):
        found.add_fitting("accesskey", f"access key of the {key}", value, contexts)
    for path in ("uid", "uid_alt"):
        for value in every(user, path):
            found.add_identifier(key, value, contexts)
    if found.word("cloud.provider") == "AWS":
        kind, name, account = word(user, "type"), text(user, "name"), text(user, "account.uid")
        add_principal(found, key, kind, name, account, partition_of(found), contexts)


def add_requests(found: Collector, evidence: Any) -> None:
    """Add what was requested: URLs, and names in DNS queries and TLS."""
    far = ("server",)
    for url in (*every(evidence, "url"), *every(evidence, "http_request.url")):
        if isinstance(url, str):
            found.add("url", "URL", url, far)
        found.add_at("url_string", "url", "URL", far, url)
        add_host(found, url, "URL's", far)
    for value in every(evidence, "http_request.x_forwarded_for[]"):
        found.add_fitting("ipaddr", "forwarded for", value, ("additional", "client"))
    for value in every(evidence, "http_request.referrer"):
        found.add_fitting("url", "referrer", value, ("additional",))
    for path, key in (("query.hostname", "requested domain"), ("tls.sni", "TLS server name")):
        for value in every(evidence, path):
            found.add_fitting("domain", key, value, far)


def add_email(found: Collector, evidence: Any) -> None:
    """Add senders, recipients, URLs and attachments of a message."""
    email = one(evidence, "email")
    for path, kind, key, contexts in _EMAIL:
        found.add_at(path, kind, key, contexts, email)
    add_files(found, every(email, "files[]"), "attachment")


def add_device(found: Collector, evidence: Any) -> None:
    """Add the device on which something was found."""
    device = one(evidence, "device")
    # It may be the device of a caller. Its side follows from the address.
    found.add_at("ip", "ipaddr", "device", (), device)
    found.add_at("network_interfaces[].ip", "ipaddr", "device", (), device)
    add_host(found, device, "device's", ())
    for path in ("instance_uid", "uid"):
        for value in every(device, path):
            found.add_identifier("device", value, ("local",))
    found.add_at("owner.name", "username", "owner of the device", ("local",), device)


def add_processes(found: Collector, evidence: Any) -> None:
    """Add the process, the one that acted, and their parents."""
    for path in ("process", "actor.process"):
        _add_process(found, one(evidence, path))


def _add_process(found: Collector, process: Any) -> None:
    key = "process"
    while isinstance(process, dict):
        add_files(found, every(process, "file"), f"executable of the {key}")
        found.add_at("user.name", "username", f"user of the {key}", ("local", "subject"), process)
        process, key = process.get("parent_process"), "parent process"


def add_evident_files(found: Collector, evidence: Any) -> None:
    """Add the files that the evidence names, and the hashes of a script."""
    for path in ("file", "script.file", "job.file", "databucket.file"):
        add_files(found, every(evidence, path))
    _add_hashes(found, every(evidence, "script.hashes[]"), "script")


def add_files(found: Collector, files: Iterable[Any], key: str = "file") -> None:
    """Add paths and hashes of files."""
    for file in files:
        _add_hashes(found, every(file, "hashes[]"), key)
        found.add_at("path", "filepath", key, ("file", "local"), file)


def _add_hashes(found: Collector, fingerprints: Iterable[Any], key: str) -> None:
    for fingerprint in fingerprints:
        for value in every(fingerprint, "value"):
            found.add_fitting("filehashvalue", key, value, ("file",))

"""AWS CloudTrail: one record of a call, a sign-in, or an event of a service; from EventBridge or log files.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
Identities: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
Detector: `cloudtrail`.

Log files, which contain several records, are opened before (`formats.envelope`); Insights events are a mapping
(`formats.vendors.cloudtrail_insight`). S3 event notifications are similar, but have neither an id nor the name of a
service.
"""

import re
from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.domain.sources import source_of
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_calls import MAX_LENGTH, MAX_TARGETS, Call, Objects, account_of, add_objects, arn_noun
from alert_responder.formats.extraction import Collector, every, first_instant, folded, one, text, word
from alert_responder.formats.identity import readable_key
from alert_responder.formats.session_names import stable_name

_CALLER = (
    ("accessKeyId", "accesskey", "access key"),
    ("arn", "arn", "caller"),
    ("sessionContext.sessionIssuer.arn", "arn", "caller"),
    ("sessionContext.webIdFederationData.federatedProvider", "arn", "identity provider of the caller"),
    ("identityProvider", "arn", "identity provider of the caller"),
    ("sessionContext.sessionIssuer.userName", "username", "caller"),
    ("onBehalfOf.userId", "username", "caller's id in Identity Center"),
    ("accountId", "account", "caller's account"),
)
"""Fields of the identity that made the call: path, attribute type, key."""

_OF_CALL = frozenset(["requestparameters", "responseelements", "serviceeventdetails"])
"""Fields that `aws_calls` reads, in lower case."""

_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ANONYMOUS = ("ANONYMOUS_PRINCIPAL", "ANONYMOUS")
_DENIED = re.compile(r"\bon resource: (arn:[^\s*?\"',;]+)(?=[\s\"',;]|$)")
_SHOWN = 3
"""Number of objects, and of grantees, that the description names."""


def recognises(document: dict[str, Any]) -> bool:
    """Recognise a record by who called what: forwarders leave out the others of the fields that all records have.

    Tables of records (Athena, OpenSearch) have the names of fields in lower case.
    """
    source = document.get("eventSource") or document.get("eventsource")
    if not isinstance(source, str) or ".amazonaws.com" not in source:
        return False
    name = document.get("eventName") or document.get("eventname")
    return bool(name) and isinstance(document.get("userIdentity", document.get("useridentity")), dict)


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Convert a record.

    The rule is service and call. The alert key is the caller; see `_key`. The description is a sentence about the
    call, with the error if there was one. A record has no severity, no state, and no id that other records share.
    """
    fields = {name.lower(): value for name, value in document.items()}
    record = folded({name: value for name, value in fields.items() if name not in _OF_CALL})
    found = Collector(record)
    account = text(record, "recipientAccountId", "userIdentity.accountId")
    source, region = text(record, "eventSource") or "", text(record, "awsRegion") or ""
    _add_caller(found, record, account)
    found.add("account", "account", account, ("local",))
    for resource in every(record, "resources[]"):
        own = text(resource, "accountId") in {None, account}
        for arn in every(resource, "ARN"):
            contexts = ("local", "object") if own else ("object",)
            found.add("arn", arn_noun(arn) if isinstance(arn, str) else "resource", arn, contexts)
        if not own:
            found.add_at("accountId", "account", "account of the resource", ("object",), resource)
    # What services report has no parameters, but details.
    answer = [fields.get("responseelements"), fields.get("serviceeventdetails")]
    call = Call(source.partition(".")[0], account, _partition(region), fields.get("requestparameters"), answer)
    objects = add_objects(found, call)
    _add_denied(found, record, account)
    name = text(record, "eventName") or ""
    return build_alert(
        {
            "detector": "cloudtrail",
            "rule_id": f"{source}:{name}",
            "alert_key": _key(record, account, objects),
            "description": _description(record, name, objects, answer),
            "timestamp": first_instant(record, "eventTime"),
            "attributes": found.attributes,
            "body": document,
            "source": source_of("cloudtrail", region or None),
        },
        notes,
    )


def _add_denied(found: Collector, record: Any, account: str | None) -> None:
    """Add the resource that the caller was not allowed to use, which often is only in the message."""
    for arn in _DENIED.findall((text(record, "errorMessage") or "")[:MAX_LENGTH]):
        contexts = ("local", "object") if account_of(arn) == account else ("object",)
        found.add_fitting("arn", arn_noun(arn), arn, contexts)


def _add_caller(found: Collector, record: Any, account: str | None) -> None:
    """Add who made the call, and from where. An address may be the name of a service, which is left out."""
    identity, arn = one(record, "userIdentity"), text(record, "userIdentity.arn")
    found.add_fitting("ipaddr", "caller's IP address", text(record, "sourceIPAddress"), ("client", "subject"))
    for path, kind, key in _CALLER:
        for value in every(identity, path):
            found.add_fitting(kind, key, value, ("subject",))
    names = [
        # The root user has the account's alias here.
        *(every(identity, "userName") if word(identity, "type") != "ROOT" else ()),
        *every(record, "additionalEventData.UserName"),
        *every(identity, "sessionContext.sourceIdentity"),
    ]
    session = _session(arn)
    if session and ("@" in session or "/AWSReservedSSO_" in (arn or "")):
        names.append(session)
    for name in names:
        if name != _HIDDEN and not found.add_fitting("email", "caller", name, ("subject",)):
            found.add_fitting("username", "caller", name, ("subject",))
    found.add_fitting("arn", "caller", text(record, "additionalEventData.SwitchFrom"), ("subject",))
    # Sessions of an instance's role are named after the instance.
    found.add_fitting("instance", "caller", session, ("local", "subject"))
    found.add("resource", "VPC endpoint", text(record, "vpcEndpointId"), ("client",))
    owner = text(record, "vpcEndpointAccountId")
    if owner != account:
        found.add_fitting("account", "account of the VPC endpoint", owner, ("client",))


def _key(record: Any, account: str | None, objects: Objects) -> str | None:
    """Return who made the call, with the account in which it happened.

    The session of a role counts if its name names someone (`session_names`). A service, and a caller without identity,
    is behind the calls of many: what the call was about, or the address, is then part of the key.
    """
    identity = one(record, "userIdentity")
    who = _who(identity, _partition(text(record, "awsRegion") or ""))
    if who is not None:
        return who if account is None or account_of(who) == account else readable_key(account, who)
    who = text(record, "userIdentity.invokedBy") or ""
    address = text(record, "sourceIPAddress") or ""
    about = (
        sorted({value for _, value in objects.targets})[:_SHOWN]
        or [arn for arn in every(record, "resources[].ARN") if isinstance(arn, str)][:1]
    )
    return readable_key(*filter(None, [account, who or ("" if about else address), *about])) or None


def _who(identity: Any, partition: str) -> str | None:
    arn, issuer = text(identity, "arn"), text(identity, "sessionContext.sessionIssuer.arn")
    if arn:
        session = _session(arn)
        if session is None:
            return arn
        stable = stable_name(session) or stable_name(text(identity, "sessionContext.sourceIdentity") or "")
        return arn if stable == session else "/".join(filter(None, [issuer or arn.rpartition("/")[0], stable]))
    principal, name = text(identity, "principalId"), text(identity, "userName")
    account = text(identity, "accountId")
    if word(identity, "type") == "IAMUSER" and name and name != _HIDDEN and account:
        return f"arn:{partition}:iam::{account}:user/{name}"
    if principal and principal.upper() not in _ANONYMOUS:
        role, _, session = principal.partition(":")
        return "/".join(filter(None, [role, stable_name(session)])) if role.startswith("AROA") else principal
    return text(identity, "onBehalfOf.userId") or (name if name != _HIDDEN else None)


def _session(arn: str | None) -> str | None:
    """Return the name of the session in an ARN, or None if the ARN has none."""
    if arn and ":sts:" in arn and (":assumed-role/" in arn or ":federated-user/" in arn):
        return arn.rpartition("/")[2]
    return None


def _description(record: Any, name: str, objects: Objects, answer: list[Any]) -> str:
    """Return a sentence: who called what, on which objects, for whom, and how it failed."""
    service = text(record, "userIdentity.invokedBy")
    hidden = {_HIDDEN, *_ANONYMOUS}
    named = (text(record, f"userIdentity.{field}") for field in ("arn", "invokedBy", "userName", "principalId"))
    who = next((each for each in named if each and each.upper() not in hidden), text(record, "sourceIPAddress"))
    said = f"{name} by {who}" if who else name
    if service and service != who:
        said += f" through {service}"
    if objects.targets:
        said += " on " + _listed([_shown(*target) for target in objects.targets])
    if objects.grantees:
        said += ", for " + _listed(list(objects.grantees))
    error = text(record, "errorMessage", "errorCode")
    if error:
        return f"{said} failed: {error}"
    if any("Failure" in part.values() for part in answer if isinstance(part, dict)):
        return f"{said} failed"
    return f"{said}, without MFA" if text(record, "additionalEventData.MFAUsed") == "No" else said


def _shown(key: str, value: str) -> str:
    return value if key == "name" else f"{key.removeprefix('affected ')} {value}"


def _listed(values: list[str]) -> str:
    more = len(values) - _SHOWN
    if len(values) == MAX_TARGETS:
        return ", ".join(values[:_SHOWN]) + " and others"
    return ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"

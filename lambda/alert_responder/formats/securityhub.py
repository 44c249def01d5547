"""AWS Security Finding Format (ASFF), as sent by Security Hub CSPM for its own checks and for all other products.

Format: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
Detector: `securityhub`, or the service that found it.
"""

from typing import Any

from alert_responder.contracts.alert import SAMPLE_SUFFIX, Alert
from alert_responder.domain.instants import parse_instant
from alert_responder.domain.severities import asff_label
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_activity import (
    Sides,
    add_action,
    add_principal,
    add_sequence,
    mark_sample,
    sides,
)
from alert_responder.formats.extraction import Collector, every, first_instant, folded, hashed_key, one, text, word
from alert_responder.formats.identity import Identity
from alert_responder.formats.securityhub_controls import control, region_of, standards
from alert_responder.formats.securityhub_copies import copied

_GUARDDUTY = "ProductFields.aws/guardduty/service"
"""Prefix of the fields of GuardDuty findings that ASFF does not have."""

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

_SEVERITY = ("Severity.Label", "FindingProviderFields.Severity.Label", "Severity.Original")
_TIMES = ("LastObservedAt", "UpdatedAt", "FirstObservedAt", "CreatedAt")
"""Fields with severity and time; the first one that is present counts."""

_NETWORK = {"IN": ("remote", "local"), "OUT": ("local", "remote")}
"""Sides of source and destination, by `Network.Direction`."""

_DETAILS = (
    ("AwsEc2Instance.IpV4Addresses[]", "ipaddr", "IP address of the instance"),
    ("AwsEc2Instance.IpV6Addresses[]", "ipaddr", "IPv6 address of the instance"),
    ("AwsEc2Instance.IamInstanceProfileArn", "arn", "instance profile"),
    ("AwsEc2NetworkInterface.PublicIp", "ipaddr", "public IP address of the network interface"),
    ("AwsEc2NetworkInterface.PrivateIpAddresses[].PrivateIpAddress", "ipaddr", "address of the network interface"),
    ("AwsEc2NetworkInterface.IpV6Addresses[].IpV6Address", "ipaddr", "IPv6 address of the network interface"),
    ("AwsEc2NetworkInterface.PublicDnsName", "domain", "public DNS name of the network interface"),
    ("AwsEc2NetworkInterface.Attachment.InstanceId", "instance", "instance of the network interface"),
    ("AwsEc2Eip.PublicIp", "ipaddr", "elastic IP address"),
    ("AwsEc2Eip.PrivateIpAddress", "ipaddr", "private side of the elastic IP address"),
    ("AwsEc2Eip.InstanceId", "instance", "instance of the elastic IP address"),
    ("AwsIamUser.UserName", "username", "IAM user"),
    ("AwsLambdaFunction.Role", "arn", "role of the Lambda function"),
    ("AwsRdsDbInstance.Endpoint.Address", "domain", "endpoint of the database"),
    ("AwsRedshiftCluster.Endpoint.Address", "domain", "endpoint of the cluster"),
    ("AwsElbLoadBalancer.DnsName", "domain", "DNS name of the load balancer"),
    ("AwsElbv2LoadBalancer.DNSName", "domain", "DNS name of the load balancer"),
    ("AwsCloudFrontDistribution.DomainName", "domain", "DNS name of the distribution"),
    ("AwsS3Bucket.OwnerAccountId", "account", "owner of the bucket"),
    ("Container.ImageName", "image", "container image"),
    ("AwsEcsContainer.Image", "image", "container image"),
    ("AwsEcsTask.Containers[].Image", "image", "container image"),
)
"""The affected resource, below `Resources[].Details`: path, attribute type, key."""

_PRINCIPAL = (
    ("AwsIamAccessKey.AccessKeyId", "accesskey", "access key"),
    ("AwsIamAccessKey.UserName", "username", "owner of the access key"),
    ("AwsIamAccessKey.PrincipalName", "username", "principal of the access key"),
    ("AwsIamAccessKey.SessionContext.SessionIssuer.Arn", "arn", "issuer of the session"),
    ("AwsIamAccessKey.AccountId", "account", "account of the access key"),
)
"""The actor, below `Resources[].Details`."""

_FILES = (
    ("Threats[].FilePaths[].Hash", "filehashvalue", "malicious file"),
    ("Threats[].FilePaths[].FilePath", "filepath", "malicious file"),
    ("Malware[].Path", "filepath", "malware"),
    ("Process.Path", "filepath", "executable of the process"),
)
"""Files: path, attribute type, key."""

_PRODUCT_FIELDS = (
    ("/remoteipdetails/ipaddressv4", "ipaddr", "remote IP address", ("remote",)),
    ("/remoteipdetails/ipaddressv6", "ipaddr", "remote IP address", ("remote",)),
    ("/localipdetails/ipaddressv4", "ipaddr", "local IP address", ("local",)),
    ("/localipdetails/ipaddressv6", "ipaddr", "local IP address", ("local",)),
    ("/dnsrequestaction/domain", "domain", "requested domain", ("remote", "server")),
    ("/dnsrequestaction/domainwithsuffix", "domain", "requested registrable domain", ("remote", "server")),
    ("/domaindetails/domain", "domain", "caller's domain", ("remote", "client")),
    ("/remoteaccountdetails/accountid", "account", "caller's account", ("remote", "subject")),
    ("/executablesha256", "filehashvalue", "executable of the process", ("file", "local")),
    ("/modulesha256", "filehashvalue", "kernel module", ("file", "local")),
    ("/threatfilesha256", "filehashvalue", "file in threat intelligence", ("file", "local")),
)
"""GuardDuty's ProductFields, by the end of the key: GuardDuty's paths joined by slashes."""


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
    and `Id`, joined as in Security Hub's `aws/securityhub/FindingId`, because ids are unique only within a product.
    Passed, resolved and archived findings are alerts too; the reviewer decides about them.

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
    sample = finding.get("sample") is True or _is_guardduty_sample(finding)
    name = title or rule
    description = text(finding, "Description") or ""
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
            "severity": text(finding, *_SEVERITY) or _normalized(one(finding, "Severity.Normalized")),
            "attributes": found.attributes,
            "body": document,
            "source": source_of("securityhub", region_of(finding), standards(finding)),
        },
        notes,
    )


def _key(finding: Any) -> str | None:
    identifier, product = text(finding, "Id"), text(finding, "ProductArn")
    return f"{product}/{identifier}" if identifier and product else identifier


def _normalized(value: Any) -> str | None:
    """Format a normalized severity with its label."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    label = asff_label(value)
    return f"{label} ({value:g})" if label else f"{value:g}"


def _is_guardduty_sample(finding: Any) -> bool:
    return str(one(finding, f"{_GUARDDUTY}/additionalInfo/sample")).lower() == "true"


def _collect(finding: Any) -> Collector:
    found = Collector(finding)
    action = finding.get("action")
    who = sides(action, word(finding, f"{_GUARDDUTY}/resourceRole"))
    partition, account = text(finding, "Resources[].Partition") or "aws", text(finding, "AwsAccountId")
    add_action(found, action, who, partition, account)
    _add_network(found)
    _add_product_fields(found, finding.get("productfields"))
    about = tuple(context for context in who.local if context not in {"client", "server"})
    for resource in every(finding, "Resources[]"):
        _add_resource(found, resource, about, who)
        _add_owner(found, resource, finding)
    _add_files(found)
    for indicator in every(finding, "ThreatIntelIndicators[]"):
        kind = _INDICATORS.get(word(indicator, "Type"))
        if kind:
            seen = parse_instant(one(indicator, "LastObservedAt"))
            found.add(kind, "threat intelligence", one(indicator, "Value"), ("additional", "remote"), seen)
    add_sequence(found, one(finding, "Detection.Sequence"), partition)
    found.add_at("Vulnerabilities[].Id", "cve", "vulnerability", ("local",))
    found.add_at("AwsAccountId", "account", "account", ("local",))
    return found


def _add_resource(found: Collector, resource: Any, about: tuple[str, ...], who: Sides) -> None:
    principal = word(resource, "Type") in {"AWSIAMACCESSKEY", "AWSIAMUSER"}
    for value in every(resource, "Id"):
        found.add_identifier("resource", value, ("subject",) if principal else about)
    details = one(resource, "Details")
    if details is None:
        return
    for path, kind, key in _PRINCIPAL:
        found.add_at(path, kind, key, ("subject",), details)
    # The principal of an instance role's credentials contains the instance: AROA...:i-...
    for value in every(details, "AwsIamAccessKey.PrincipalId"):
        found.add_identifier("instance whose credentials were used", value, ("local", "subject"))
    for path, kind, key in _DETAILS:
        found.add_at(path, kind, key, who.local if kind in {"ipaddr", "domain"} else about, details)


def _add_owner(found: Collector, resource: Any, finding: Any) -> None:
    """Add the ARN of an access key's owner, if the finding names the account of the key.

    In GuardDuty's findings that is the calling account, or the account of the finding. Other products may import
    findings about one account into another.
    """
    details = one(resource, "Details.AwsIamAccessKey")
    fields = finding.get("productfields")
    fields = fields if isinstance(fields, dict) else {}
    remote = next((value for name, value in fields.items() if name.endswith("/remoteaccountdetails/accountid")), None)
    by_guardduty = (text(finding, "ProductArn") or "").endswith("product/aws/guardduty")
    account = text(details, "AccountId") or (by_guardduty and (remote or text(finding, "AwsAccountId"))) or None
    kind, name = word(details, "PrincipalType"), text(details, "PrincipalName", "UserName")
    partition = text(resource, "Partition") or "aws"
    add_principal(found, "owner of the access key", kind, name, account, partition, ("subject",))


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


def _add_product_fields(found: Collector, fields: Any) -> None:
    if not isinstance(fields, dict):
        return
    for name, value in fields.items():
        for ending, kind, key, contexts in _PRODUCT_FIELDS:
            if name.startswith("aws/guardduty/") and name.endswith(ending):
                found.add(kind, key, value, contexts)


def _add_files(found: Collector) -> None:
    for path, kind, key in _FILES:
        found.add_at(path, kind, key, ("file", "local"))

"""The resources of findings in Security Hub, in ASFF and as copies of ASFF have them: `Resources[].Details`.

Format: https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html
"""

from typing import Any

from alert_responder.formats.aws_activity import Sides, add_principal
from alert_responder.formats.extraction import Collector, every, text, word

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
"""The affected resource, below `Details`: path, attribute type, key."""

_PRINCIPAL = (
    ("AwsIamAccessKey.AccessKeyId", "accesskey", "access key"),
    ("AwsIamAccessKey.UserName", "username", "owner of the access key"),
    ("AwsIamAccessKey.PrincipalName", "username", "principal of the access key"),
    ("AwsIamAccessKey.SessionContext.SessionIssuer.Arn", "arn", "issuer of the session"),
    ("AwsIamAccessKey.AccountId", "account", "account of the access key"),
)
"""The actor, below `Details`."""

_FIELDS: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
"""All of them by kind of resource and field. Only fields that are present are read: there may be 100,000 resources."""

for _each in (*_PRINCIPAL, *_DETAILS):
    _kind, _field = _each[0].lower().replace("[]", "").split(".")[:2]
    _FIELDS.setdefault(_kind, {}).setdefault(_field, []).append(_each)


def is_principal(kind: str) -> bool:
    """Check whether a type of resource (`AwsIamAccessKey`, `AWS::IAM::User`) is a user or the key of one."""
    return kind.upper().replace(":", "") in {"AWSIAMACCESSKEY", "AWSIAMUSER"}


def contexts_of_principal(*, is_checked: bool) -> tuple[str, ...]:
    """Return the contexts of a user or a key: suspected, unless its settings were checked."""
    return ("local", "object") if is_checked else ("subject",)


def add_details(
    found: Collector, details: Any, about: tuple[str, ...], who: Sides, principal: tuple[str, ...] = ("subject",)
) -> None:
    """Add the attributes in the folded details of a resource.

    Parameters
    ----------
    about
        The contexts of the resource itself.
    who
        The sides of the action; the resource's addresses are on the local one.
    principal
        The contexts of an access key and its owner.
    """
    for name, resource in details.items() if isinstance(details, dict) else ():
        fields = _FIELDS.get(name)
        if not fields or not isinstance(resource, dict):
            continue
        for field in resource:
            for path, kind, key in fields.get(field, ()):
                whose = who.local if kind in {"ipaddr", "domain"} else about
                found.add_at(path, kind, key, principal if name == "awsiamaccesskey" else whose, details)
        # The principal of an instance role's credentials contains the instance: AROA...:i-...
        if name == "awsiamaccesskey" and "principalid" in resource:
            for value in every(resource, "PrincipalId"):
                found.add_identifier("instance whose credentials were used", value, ("local", "subject"))


def add_owner(found: Collector, details: Any, account: Any, partition: str) -> None:
    """Add the ARN of an access key's owner from the folded details of a resource, if the account of the key is known.

    Parameters
    ----------
    account
        The calling account, if the finding names it elsewhere than in the details.
    """
    key = details.get("awsiamaccesskey") if isinstance(details, dict) else None
    if not isinstance(key, dict) or "principaltype" not in key:
        return
    kind, name = word(key, "PrincipalType"), text(key, "PrincipalName", "UserName")
    account = text(key, "AccountId") or account or None
    add_principal(found, "owner of the access key", kind, name, account, partition, ("subject",))

"""EC2 instances, which get an isolation security group on every network interface after snapshots of their volumes."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.quarantine.actions import (
    GONE,
    ActionFailedError,
    PartLocation,
    SimpleAction,
    call_aws,
    error_of,
)
from alert_responder_plugins.quarantine.model import Part, TargetState

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client

ENTRY_TAG, LABEL_TAG = "alert-responder:quarantine-entry", "alert-responder:quarantine"
"""Tags of snapshots: the containment, and the quarantine that created them."""

_EVERYWHERE = {"0.0.0.0/0", "::/0"}
_NO_INTERFACE = "InvalidNetworkInterfaceID.NotFound"
_NO_INSTANCE = {"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"}
_OVER = {"terminated", "shutting-down"}


class Instance(SimpleAction):
    """See `actions.Action`; a part is a network interface, its value the ordered ids of its security groups.

    Parameters
    ----------
    isolation_groups
        Isolation security groups by VPC id.
    label
        Identifies this quarantine in tags.
    arns
        Prefix of EC2's ARNs in this region and account: `arn:aws:ec2:eu-west-1:111122223333:`.
    snapshot_client
        Creates snapshots before anything is changed; None to create none. It must not retry: EC2 would create a
        second set.
    isolation_group_name
        Name of the isolation security group in other VPCs, which must have no rule at all; empty for none.
    """

    def __init__(
        self,
        client: "EC2Client",
        isolation_groups: dict[str, str],
        label: str,
        arns: str,
        snapshot_client: "EC2Client | None",
        isolation_group_name: str = "",
    ) -> None:
        self._client = client
        self._arns = arns
        self._account_id = arns.split(":")[4]
        self._groups = isolation_groups
        self._group_name = isolation_group_name
        self._label = label
        self._snapshot_client = snapshot_client

    def look(self, target: str) -> TargetState:
        """Return the interfaces of an instance whose security groups are not the isolation group."""
        instance = self._describe(target)
        if instance is None:
            return TargetState(refusal="The instance does not exist in this account and region.")
        if instance["State"]["Name"] in _OVER:
            return TargetState(refusal="The instance is being terminated.")
        arns = (f"{self._arns}instance/{target}",)
        vpc = instance.get("VpcId", "")
        configured = self._groups.get(vpc)
        group = configured or self._named_group(vpc)
        if group is None:
            return TargetState(arns=arns, refusal="No isolation group is configured for the instance's VPC.")
        faulty = self._about_group(group, vpc, closed=configured is None)
        return TargetState(parts=_parts(instance, group), arns=arns, evidence=instance, refusal=faulty, void=faulty)

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        """Create snapshots of all EBS volumes, unless this containment has created them; return their ids."""
        if self._snapshot_client is None:
            return ()
        owned = [{"Name": f"tag:{ENTRY_TAG}", "Values": [token]}]
        snapshots = call_aws(self._client.describe_snapshots, Filters=owned, OwnerIds=["self"])["Snapshots"]
        instance = self._describe(target)
        if not snapshots and instance and any("Ebs" in device for device in instance.get("BlockDeviceMappings", [])):
            tags = [{"Key": ENTRY_TAG, "Value": token}, {"Key": LABEL_TAG, "Value": self._label}]
            snapshots = call_aws(
                self._snapshot_client.create_snapshots,
                InstanceSpecification={"InstanceId": target, "ExcludeBootVolume": False},
                Description=f"Evidence of {target}, created before its isolation.",
                TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            )["Snapshots"]
        return tuple(sorted(snapshot["SnapshotId"] for snapshot in snapshots))

    def read(self, location: PartLocation) -> Any:
        """Return the ids of an interface's security groups."""
        call = self._client.describe_network_interfaces
        try:
            interfaces: Any = call(NetworkInterfaceIds=[location.part])["NetworkInterfaces"]
        except ClientError as error:
            if error_code(error) == _NO_INTERFACE:
                return GONE
            raise error_of(call, error) from None
        if len(interfaces) != 1:
            raise ActionFailedError("describe_network_interfaces: no interface and no error")
        return [group["GroupId"] for group in interfaces[0]["Groups"]]

    def write(self, location: PartLocation, value: Any) -> None:
        """Set an interface's security groups."""
        call_aws(self._client.modify_network_interface_attribute, NetworkInterfaceId=location.part, Groups=value)

    def _describe(self, target: str) -> dict[str, Any] | None:
        call = self._client.describe_instances
        try:
            reservations: Any = call(InstanceIds=[target])["Reservations"]
        except ClientError as error:
            if error_code(error) in _NO_INSTANCE:
                return None
            raise error_of(call, error) from None
        instances = [
            instance
            for reservation in reservations
            for instance in reservation["Instances"]
            # An instance in a shared subnet may belong to another account.
            if reservation.get("OwnerId", self._account_id) == self._account_id
        ]
        return instances[0] if len(instances) == 1 else None

    def _named_group(self, vpc: str) -> str | None:
        """Return the id of the VPC's isolation group by its name, which is unique in a VPC."""
        if not vpc or not self._group_name:
            return None
        wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [_literal(self._group_name)]}]
        groups: Any = call_aws(self._client.describe_security_groups, Filters=wanted)["SecurityGroups"]
        # A group of a shared VPC may belong to another account.
        own = [group for group in groups if group.get("OwnerId", self._account_id) == self._account_id]
        return own[0]["GroupId"] if len(own) == 1 and own[0]["GroupName"] == self._group_name else None

    def _about_group(self, group: str, vpc: str, *, closed: bool) -> str | None:
        """Return why an isolation group does not isolate; None if it does."""
        groups = call_aws(self._client.describe_security_groups, GroupIds=[group])["SecurityGroups"]
        if len(groups) != 1 or groups[0].get("VpcId") != vpc:
            return "The isolation group does not belong to the instance's VPC."
        if closed and (groups[0].get("IpPermissions") or groups[0].get("IpPermissionsEgress")):
            return "The isolation group has rules."
        if _open_to_everywhere(groups[0]):
            return "The isolation group allows traffic from or to any address."
        return None


def _literal(text: str) -> str:
    """Return a filter's value that matches the text itself: EC2 treats some characters as wildcards."""
    return "".join(f"\\{each}" if each in "*?\\" else each for each in text)


def _parts(instance: dict[str, Any], group: str) -> tuple[Part, ...]:
    parts = []
    for interface in sorted(instance.get("NetworkInterfaces", []), key=lambda each: str(each["NetworkInterfaceId"])):
        before = [each["GroupId"] for each in interface["Groups"]]
        if before != [group]:
            parts.append(Part(name=interface["NetworkInterfaceId"], before=before, after=[group]))
    return tuple(parts)


def _open_to_everywhere(group: dict[str, Any]) -> bool:
    rules = [*group.get("IpPermissions", []), *group.get("IpPermissionsEgress", [])]
    ranges = {address["CidrIp"] for rule in rules for address in rule.get("IpRanges", [])}
    ranges |= {address["CidrIpv6"] for rule in rules for address in rule.get("Ipv6Ranges", [])}
    return bool(ranges & _EVERYWHERE)

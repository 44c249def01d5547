"""EC2 instances: snapshots of their volumes, then an isolation security group on every network interface."""

from typing import Any

from botocore.exceptions import ClientError

from alert_responder_plugins.quarantine.actions import (
    GONE,
    ActionFailedError,
    PartLocation,
    SimpleAction,
    called,
    code_of,
    failed,
)
from alert_responder_plugins.quarantine.model import Part, TargetState

ENTRY_TAG, LABEL_TAG = "alert-responder:quarantine-entry", "alert-responder:quarantine"
"""Tags of snapshots: the containment they belong to, and the quarantine that made them."""

_EVERYWHERE = {"0.0.0.0/0", "::/0"}
_NO_INTERFACE = "InvalidNetworkInterfaceID.NotFound"
_NO_INSTANCE = {"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"}
_OVER = {"terminated", "shutting-down"}


class Instance(SimpleAction):
    """See `actions.Action`; a part is a network interface, its value the ids of its security groups in their order.

    Parameters
    ----------
    client
        A boto3 client of EC2.
    isolation_groups
        The isolation security group of each VPC, by the VPC's id.
    label
        Marks what is made as this quarantine's.
    arns
        What ARNs of EC2 begin with, in this region and account: `arn:aws:ec2:eu-west-1:111122223333:`.
    snapshots
        Whether snapshots are made before anything is changed.
    """

    def __init__(
        self, client: Any, isolation_groups: dict[str, str], label: str, arns: str, *, snapshots: bool
    ) -> None:
        self._client = client
        self._arns = arns
        self._account_id = arns.split(":")[4]
        self._groups = isolation_groups
        self._label = label
        self._snapshots = snapshots

    def look(self, target: str) -> TargetState:
        """Return the interfaces and groups of a running or stopped instance whose VPC has an isolation group."""
        found = self._describe(target)
        if found is None:
            return TargetState(refusal="There is no such instance here.")
        if found["State"]["Name"] in _OVER:
            return TargetState(refusal="It is being terminated.")
        arns = (f"{self._arns}instance/{target}",)
        group = self._groups.get(found.get("VpcId", ""))
        if group is None:
            return TargetState(arns=arns, refusal="No isolation group is set for its VPC.")
        faulty = self._about_group(group, found["VpcId"])
        return TargetState(parts=_parts(found, group), arns=arns, evidence=found, refusal=faulty, void=faulty)

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        """Make snapshots of all volumes, unless those of this containment are there; return their ids.

        An instance without EBS volumes has none.
        """
        if not self._snapshots:
            return ()
        owned = [{"Name": f"tag:{ENTRY_TAG}", "Values": [token]}]
        made = called(self._client.describe_snapshots, Filters=owned, OwnerIds=["self"])["Snapshots"]
        found = self._describe(target)
        if not made and found and any("Ebs" in device for device in found.get("BlockDeviceMappings", [])):
            tags = [{"Key": ENTRY_TAG, "Value": token}, {"Key": LABEL_TAG, "Value": self._label}]
            made = called(
                self._client.create_snapshots,
                InstanceSpecification={"InstanceId": target, "ExcludeBootVolume": False},
                Description=f"Evidence of {target}, before it was isolated.",
                TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            )["Snapshots"]
        return tuple(sorted(snapshot["SnapshotId"] for snapshot in made))

    def read(self, place: PartLocation) -> Any:
        """Return the ids of an interface's groups."""
        call = self._client.describe_network_interfaces
        try:
            interfaces = call(NetworkInterfaceIds=[place.part])["NetworkInterfaces"]
        except ClientError as error:
            if code_of(error) == _NO_INTERFACE:
                return GONE
            raise failed(call, error) from None
        if len(interfaces) != 1:
            raise ActionFailedError("describe_network_interfaces: no interface and no error")
        return [group["GroupId"] for group in interfaces[0]["Groups"]]

    def write(self, place: PartLocation, value: Any) -> None:
        """Set an interface's groups."""
        called(self._client.modify_network_interface_attribute, NetworkInterfaceId=place.part, Groups=value)

    def _describe(self, target: str) -> dict[str, Any] | None:
        call = self._client.describe_instances
        try:
            reservations = call(InstanceIds=[target])["Reservations"]
        except ClientError as error:
            if code_of(error) in _NO_INSTANCE:
                return None
            raise failed(call, error) from None
        found = [
            instance
            for reservation in reservations
            for instance in reservation["Instances"]
            # One that another account shares would not be ours to isolate.
            if reservation.get("OwnerId", self._account_id) == self._account_id
        ]
        return found[0] if len(found) == 1 else None

    def _about_group(self, group: str, vpc: str) -> str | None:
        """Say why an isolation group isolates nothing; None: it does."""
        groups = called(self._client.describe_security_groups, GroupIds=[group])["SecurityGroups"]
        if len(groups) != 1 or groups[0].get("VpcId") != vpc:
            return "The isolation group is not one of its VPC."
        if _open_to_everywhere(groups[0]):
            return "The isolation group lets traffic from or to everywhere pass."
        return None


def _parts(found: dict[str, Any], group: str) -> tuple[Part, ...]:
    parts = []
    for interface in sorted(found.get("NetworkInterfaces", []), key=lambda each: str(each["NetworkInterfaceId"])):
        before = [each["GroupId"] for each in interface["Groups"]]
        if before != [group]:
            parts.append(Part(name=interface["NetworkInterfaceId"], before=before, after=[group]))
    return tuple(parts)


def _open_to_everywhere(group: dict[str, Any]) -> bool:
    rules = [*group.get("IpPermissions", []), *group.get("IpPermissionsEgress", [])]
    ranges = {address["CidrIp"] for rule in rules for address in rule.get("IpRanges", [])}
    ranges |= {address["CidrIpv6"] for rule in rules for address in rule.get("Ipv6Ranges", [])}
    return bool(ranges & _EVERYWHERE)

"""IP addresses, which are added to IP sets that rules of AWS WAF block."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import CONFLICT_TRIES, error_code, wait_for_conflict
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
    from types_boto3_wafv2 import WAFV2Client

_LOCKED = "WAFOptimisticLockException"
_NO_SET = "WAFNonexistentItemException"


@dataclass(frozen=True, slots=True)
class _IpSet:
    region: str
    request: dict[str, str]


class Address(SimpleAction):
    """See `actions.Action`; a part is an IP set, its value whether it contains exactly this address.

    Parameters
    ----------
    client
        Returns the client of a region.
    arns
        ARNs of the IP sets; an address is added to all sets of its IP version.
    """

    def __init__(self, client: Callable[[str], "WAFV2Client"], arns: tuple[str, ...]) -> None:
        self._client = client
        self._arns = arns

    def look(self, target: str) -> TargetState:
        """Return the IP sets of the address's version that contain neither the address nor a network with it."""
        network = ipaddress.ip_network(target)
        fitting, parts = 0, []
        for arn in self._arns:
            ip_set = call_aws(self._of(arn).get_ip_set, **_parsed(arn).request)["IPSet"]
            if ip_set["IPAddressVersion"] != f"IPV{network.version}":
                continue
            fitting += 1
            if not any(_covers(each, network) for each in ip_set["Addresses"]):
                parts.append(Part(name=arn, before=False, after=True))
        refusal = None if fitting else f"No IP set for IPv{network.version} is configured."
        return TargetState(parts=tuple(parts), refusal=refusal)

    def read(self, location: PartLocation) -> Any:
        """Return whether an IP set contains the address."""
        response = self._get(location.part)
        if response is None:
            return GONE
        return any(_same(each, location.target) for each in response["IPSet"]["Addresses"])

    def write(self, location: PartLocation, value: Any) -> None:
        """Add or remove the address; concurrent changes of the set are preserved."""
        client, request = self._of(location.part), _parsed(location.part).request
        for attempt in range(CONFLICT_TRIES):
            response = self._get(location.part)
            if response is None:
                raise ActionFailedError(f"update_ip_set: {_NO_SET}")
            addresses = [each for each in response["IPSet"]["Addresses"] if not _same(each, location.target)]
            if value:
                addresses.append(str(ipaddress.ip_network(location.target)))
            # An update without the description would delete it.
            described = {"Description": text} if (text := response["IPSet"].get("Description")) else {}
            try:
                client.update_ip_set(**request, **described, Addresses=addresses, LockToken=response["LockToken"])
            except ClientError as error:
                if error_code(error) != _LOCKED:
                    raise error_of(client.update_ip_set, error) from None
                wait_for_conflict(attempt)
            else:
                return
        raise ActionFailedError(f"update_ip_set: {_LOCKED}")

    def _get(self, arn: str) -> Any:
        call = self._of(arn).get_ip_set
        try:
            return call(**_parsed(arn).request)
        except ClientError as error:
            if error_code(error) == _NO_SET:
                return None
            raise error_of(call, error) from None

    def _of(self, arn: str) -> Any:
        return self._client(_parsed(arn).region)


def _parsed(arn: str) -> _IpSet:
    # The settings are validated: only ARNs of IP sets get here.
    _, _, _, region, _, resource = arn.split(":")
    scope, _, name, id_ = resource.split("/")
    return _IpSet(
        "us-east-1" if scope == "global" else region,
        {"Name": name, "Scope": "CLOUDFRONT" if scope == "global" else "REGIONAL", "Id": id_},
    )


def _covers(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    other = ipaddress.ip_network(text, strict=False)
    return other.version == network.version and network.subnet_of(other)  # type: ignore[arg-type]


def _same(text: str, target: str) -> bool:
    # AWS may write an IPv6 address in another form.
    return ipaddress.ip_network(text, strict=False) == ipaddress.ip_network(target)

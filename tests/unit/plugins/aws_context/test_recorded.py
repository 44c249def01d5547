"""Lookups with clients that return documented shapes: CloudTrail, which moto lacks, and filters that its EC2 lacks.

botocore checks requests and answers against the models of the services.
"""

from datetime import timedelta
from typing import Any

import pytest

from alert_responder_plugins.aws_context.trail import MAX_PAGES, PAUSE_SECONDS
from tests.fakes.aws import Answering, Recorded, Sessions, refusing
from tests.unit.plugins.aws_context.builders import NOW, OTHER, OWN, Clock, an_inspector, attribute, event, gaps, note

INSTANCE = {
    "InstanceId": "i-0123456789abcdef0",
    "ImageId": "ami-0123456789abcdef0",
    "InstanceType": "t3.small",
    "LaunchTime": NOW,
    "State": {"Code": 16, "Name": "running"},
    "PrivateIpAddress": "10.0.1.23",
    "PublicIpAddress": "198.51.100.7",
    "PlatformDetails": "Linux/UNIX",
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web"}],
    "NetworkInterfaces": [
        {
            "MacAddress": "02:00:00:00:00:01",
            "PrivateIpAddress": "10.0.1.23",
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.24", "Association": {"PublicIp": "198.51.100.8"}}],
            "Ipv6Addresses": [{"Ipv6Address": "2001:db8::7"}],
        }
    ],
    "Tags": [{"Key": "team", "Value": "payments"}, {"Key": "Name", "Value": "shop-1"}],
}
INTERFACE: dict[str, Any] = {
    "NetworkInterfaceId": "eni-0123456789abcdef0",
    "InterfaceType": "interface",
    "Status": "in-use",
    "Description": "",
    "PrivateIpAddress": "10.0.1.23",
    "Association": {"PublicIp": "198.51.100.7"},
    "VpcId": "vpc-1",
    "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
    "TagSet": [{"Key": "owner", "Value": "alice"}],
}
GROUPS = {
    "SecurityGroups": [
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            ],
        }
    ]
}
CREDENTIALS = {
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": "none",
    "SessionToken": "none",
    "Expiration": NOW + timedelta(hours=1),
}
BALANCER = "app/shop/50dc6c495c0c9188"


def ec2(**answers: Any) -> Recorded:
    """An EC2 in which an instance has the address."""
    given: dict[str, Answering] = {
        "describe_network_interfaces": lambda _: {
            "NetworkInterfaces": [{**INTERFACE, "Attachment": {"InstanceId": INSTANCE["InstanceId"]}}]
        },
        "describe_instances": lambda _: {"Reservations": [{"Instances": [INSTANCE]}]},
        "describe_security_groups": lambda _: GROUPS,
        "describe_images": lambda _: {
            "Images": [{"ImageId": INSTANCE["ImageId"], "Name": "al2023", "OwnerId": "amazon"}]
        },
    }
    return Recorded("ec2", {**given, **answers})


def no_identities() -> Recorded:
    """An IAM without users and roles."""
    return Recorded("iam", {name: refusing("NoSuchEntity") for name in ("get_user", "get_role")})


def trail(*pages: list[dict[str, Any]]) -> Recorded:
    """A CloudTrail with these pages, whatever is looked for."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        number = int(request.get("NextToken", "0"))
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        return {"Events": pages[number] if pages else [], **more}

    return Recorded("cloudtrail", {"lookup_events": answer})


def filters(client: Recorded) -> list[Any]:
    return [request["Filters"] for method, request in client.requests if method == "describe_network_interfaces"]


def test_instance_behind_a_public_address() -> None:
    client, events = ec2(), trail([event(1)])
    answered = an_inspector(Sessions(ec2=client, cloudtrail=events), hours=6).look_up(
        attribute("ipaddr", "198.51.100.7")
    )

    assert answered is not None
    host = answered.contents[0]
    assert host.type == "host"
    assert host.ipaddr == ("198.51.100.7", "198.51.100.8", "2001:db8::7", "10.0.1.23", "10.0.1.24")
    assert (host.owner, host.os, host.macaddr) == (("payments",), ("Linux/UNIX",), ("02:00:00:00:00:01",))
    assert [each.action for each in host.activities] == ["ListBuckets"]
    assert host.link is not None
    assert host.link.startswith("https://us-east-1.console.aws.amazon.com/ec2/")
    described = note(answered, "EC2 instance i-0123456789abcdef0")
    assert described.text == (
        "running, t3.small, image ami-0123456789abcdef0, public address, open to all: tcp 22 (sg-1). "
        "Tags: team payments, Name shop-1."
    )
    assert described.data["image"] == {"id": "ami-0123456789abcdef0", "name": "al2023", "owner": "amazon"}
    assert described.data["vpc"] == "vpc-1"
    assert (described.data["events"][0]["user_agent"], described.data["more_events"]) == ("aws-cli/2.15", False)
    keys = [request["LookupAttributes"][0]["AttributeKey"] for _, request in events.requests]
    assert keys == ["Username", "ResourceName"]


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("8.8.8.8", ["addresses.association.public-ip", "addresses.private-ip-address"]),
        ("10.0.1.23", ["addresses.private-ip-address"]),
        ("2001:4860::1", ["ipv6-addresses.ipv6-address"]),
    ],
)
def test_unknown_address_is_searched_for_with_every_filter(address: str, names: list[str]) -> None:
    client = ec2(describe_network_interfaces=lambda _: {"NetworkInterfaces": []})

    assert an_inspector(Sessions(ec2=client)).look_up(attribute("ipaddr", address)) is None
    assert filters(client) == [[{"Name": name, "Values": [address]}] for name in names]


def test_address_is_looked_up_in_every_account_and_region() -> None:
    answered = an_inspector(Sessions(ec2=ec2()), regions=("us-east-1", "eu-west-1")).look_up(
        attribute("ipaddr", "10.0.1.23")
    )

    assert answered is not None
    sources = [each.source for each in answered.contents if each.type == "host"]
    assert sources == [f"AWS {OWN} us-east-1", f"AWS {OWN} eu-west-1"]


def test_at_most_five_hosts_are_described() -> None:
    client = ec2(describe_network_interfaces=lambda _: {"NetworkInterfaces": [INTERFACE] * 9})
    answered = an_inspector(Sessions(ec2=client)).look_up(attribute("ipaddr", "10.0.1.23"))

    assert answered is not None
    assert len([each for each in answered.contents if each.type == "host"]) == 5
    assert note(answered, "Truncated").text.startswith("Only the first 5 hosts")


def test_load_balancer_behind_an_address() -> None:
    interface = {**INTERFACE, "RequesterId": "amazon-elb", "Description": f"ELB {BALANCER}"}
    arn = f"arn:aws:elasticloadbalancing:us-east-1:{OWN}:loadbalancer/{BALANCER}"
    elbv2 = Recorded(
        "elbv2",
        {
            "describe_load_balancers": lambda request: {
                "LoadBalancers": [
                    {
                        "LoadBalancerArn": request["LoadBalancerArns"][0],
                        "LoadBalancerName": "shop",
                        "DNSName": "shop.example",
                        "Scheme": "internet-facing",
                        "Type": "application",
                        "SecurityGroups": ["sg-1"],
                    }
                ]
            },
            "describe_tags": lambda request: {
                "TagDescriptions": [{"ResourceArn": arn, "Tags": [{"Key": "owner", "Value": "alice"}]}]
            },
        },
    )
    client = ec2(describe_network_interfaces=lambda _: {"NetworkInterfaces": [interface]})
    answered = an_inspector(Sessions(ec2=client, elbv2=elbv2)).look_up(attribute("ipaddr", "198.51.100.7"))

    described = note(answered, "Load balancer shop")
    assert described.data["load_balancer_arn"] == arn
    assert described.text == (
        "application, internet-facing, public address, open to all: tcp 22 (sg-1). Tags: owner alice."
    )


def test_other_interface_is_described() -> None:
    client = ec2(describe_network_interfaces=lambda _: {"NetworkInterfaces": [INTERFACE]})
    answered = an_inspector(Sessions(ec2=client)).look_up(attribute("ipaddr", "198.51.100.7"))

    described = note(answered, "Network interface eni-0123456789abcdef0")
    assert described.data["exposure"] == "public address, open to all: tcp 22 (sg-1)"
    assert described.data["owner_tags"] == {"owner": "alice"}


def test_region_of_an_arn_must_be_configured() -> None:
    client = ec2()
    arn = f"arn:aws:ec2:elsewhere:{OWN}:instance/i-0123456789abcdef0"

    assert an_inspector(Sessions(ec2=client)).look_up(attribute("arn", arn)) is None
    assert client.requests == []


def test_account_of_an_arn_must_be_configured() -> None:
    client = no_identities()

    assert an_inspector(Sessions(iam=client)).look_up(attribute("arn", f"arn:aws:iam::{OTHER}:user/alice")) is None
    assert client.requests == []


def test_denied_action_is_named_and_the_rest_is_described() -> None:
    client = ec2(
        describe_security_groups=refusing("UnauthorizedOperation"), describe_images=refusing("UnauthorizedOperation")
    )
    answered = an_inspector(Sessions(ec2=client, cloudtrail=trail()), hours=6).look_up(attribute("ipaddr", "10.0.1.23"))

    assert gaps(answered) == {("denied", "ec2:DescribeSecurityGroups"), ("denied", "ec2:DescribeImages")}
    described = note(answered, "EC2 instance")
    assert described.data["open_to_all"] is None
    assert "its security groups could not be read" in described.text
    assert answered is not None
    assert answered.incomplete is None


def test_lookup_without_any_permission_is_not_empty() -> None:
    client = ec2(describe_network_interfaces=refusing("UnauthorizedOperation"))
    answered = an_inspector(Sessions(ec2=client)).look_up(attribute("ipaddr", "10.0.1.23"))

    assert gaps(answered) == {("denied", "ec2:DescribeNetworkInterfaces")}
    assert "secret words" not in note(answered, "Incomplete").text


def test_throttled_lookup_without_contents_is_throttled() -> None:
    client = ec2(describe_network_interfaces=refusing("RequestLimitExceeded"))
    answered = an_inspector(Sessions(ec2=client)).look_up(attribute("ipaddr", "10.0.1.23"))

    assert answered is not None
    assert answered.throttled == "AWS throttled ec2:DescribeNetworkInterfaces."


def test_throttled_cloudtrail_does_not_affect_the_rest() -> None:
    events = Recorded("cloudtrail", {"lookup_events": refusing("ThrottlingException")})
    answered = an_inspector(Sessions(ec2=ec2(), cloudtrail=events), hours=6).look_up(attribute("ipaddr", "10.0.1.23"))

    assert answered is not None
    assert answered.throttled is None
    assert gaps(answered) == {("throttled", "cloudtrail:LookupEvents")}
    assert note(answered, "EC2 instance").data["more_events"] is True
    assert (
        answered.incomplete == "Throttled, or not called because the time limit was reached: cloudtrail:LookupEvents."
    )


def test_lookup_makes_no_call_after_its_time_limit() -> None:
    clock = Clock(step=1)
    client, events = ec2(), trail()
    answered = an_inspector(Sessions(ec2=client, cloudtrail=events), hours=6, seconds=3, clock=clock).look_up(
        attribute("ipaddr", "10.0.1.23")
    )

    assert note(answered, "EC2 instance").data["open_to_all"] is None
    assert gaps(answered) == {("time", "ec2"), ("time", "cloudtrail")}
    assert answered is not None
    assert answered.incomplete == "Throttled, or not called because the time limit was reached: ec2, cloudtrail."
    assert events.requests == []


def test_cloudtrail_is_called_within_its_rate_limit_for_a_few_pages() -> None:
    clock, events = Clock(), trail(*([event(number)] for number in range(10)))
    sessions = Sessions(cloudtrail=events, iam=no_identities(), sts=key_info(OWN))
    answered = an_inspector(sessions, hours=6, clock=clock).look_up(attribute("accesskey", "ASIAIOSFODNN7EXAMPLE"))

    assert len(events.requests) == MAX_PAGES
    assert clock.slept == [PAUSE_SECONDS] * (MAX_PAGES - 1)
    described = note(answered, "Access key")
    assert described.text == "4 or more events in CloudTrail."
    assert (described.data["more_events"], described.data["events"][0]["count"]) == (True, 4)


def test_cloudtrail_is_read_for_the_last_hours() -> None:
    events = trail([event(1)])
    an_inspector(Sessions(cloudtrail=events, iam=no_identities()), hours=6).look_up(attribute("username", "alice"))

    [(_, request)] = events.requests
    assert (NOW - request["StartTime"]).total_seconds() == 6 * 3600
    assert request["LookupAttributes"] == [{"AttributeKey": "Username", "AttributeValue": "alice"}]


def test_answer_contains_no_events_if_cloudtrail_is_disabled() -> None:
    sessions = Sessions(ec2=ec2(), iam=no_identities(), sts=key_info(OWN))
    host = an_inspector(sessions).look_up(attribute("ipaddr", "10.0.1.23"))
    key = an_inspector(sessions).look_up(attribute("accesskey", "ASIAIOSFODNN7EXAMPLE"))

    assert not {"events", "more_events"} & note(host, "EC2 instance").data.keys()
    assert note(key, "Access key").text == "CloudTrail lookups are disabled."


def test_session_name_is_described_by_its_events() -> None:
    sessions = Sessions(cloudtrail=trail([event(1)]), iam=no_identities())
    answered = an_inspector(sessions, hours=6).look_up(attribute("username", "alice"))

    assert note(answered, "Name alice in CloudTrail").text == "1 event in CloudTrail."


def test_at_most_five_accounts_are_described_for_a_name() -> None:
    long = "x" * 5_000
    events = [event(number, f"{long}{number}", userAgent=f"{number}{long}", errorCode=long) for number in range(50)]
    sts = Recorded("sts", {"assume_role": lambda _: {"Credentials": CREDENTIALS}})
    roles = tuple(f"arn:aws:iam::{number:012d}:role/reader" for number in range(9))
    sessions = Sessions(cloudtrail=trail(events), iam=no_identities(), sts=sts)
    answered = an_inspector(sessions, hours=6, role_arns=roles).look_up(attribute("username", "alice"))

    assert answered is not None
    assert len([each for each in answered.contents if each.type == "user"]) == 5
    assert note(answered, "Truncated").text.startswith("Only the first 5 accounts")
    assert len(answered.model_dump_json()) < 250_000


def test_many_gaps_are_shortened() -> None:
    regions = tuple(f"eu-west-{number}" for number in range(60))
    client = ec2(describe_network_interfaces=refusing("UnauthorizedOperation"))
    gaps_note = note(
        an_inspector(Sessions(ec2=client), regions=regions).look_up(attribute("ipaddr", "10.0.1.23")), "Incomplete"
    )

    assert gaps_note.text.endswith(f"{OWN} eu-west-4, 55 more.")
    assert len(gaps_note.data) == 50


def test_unknown_name_has_an_empty_answer() -> None:
    sessions = Sessions(cloudtrail=trail([]), iam=no_identities())

    assert an_inspector(sessions, hours=6).look_up(attribute("username", "alice")) is None


def key_info(account: str) -> Recorded:
    return Recorded("sts", {"get_access_key_info": lambda _: {"Account": account}})


def test_key_of_another_account_names_the_account() -> None:
    answered = an_inspector(Sessions(sts=key_info("999988887777"))).look_up(
        attribute("accesskey", "AKIAIOSFODNN7EXAMPLE")
    )

    assert (
        note(answered, "Access key").text == "The access key belongs to account 999988887777, which is not configured."
    )


def test_role_that_cannot_be_assumed_is_named() -> None:
    sts = Recorded("sts", {"assume_role": refusing("AccessDenied")})
    answered = an_inspector(
        Sessions(sts=sts, iam=no_identities()), role_arns=(f"arn:aws:iam::{OTHER}:role/reader",)
    ).look_up(attribute("username", "alice"))

    assert gaps(answered) == {("denied", "sts:AssumeRole")}
    assert note(answered, "Incomplete").data[0]["account"] == OTHER
    assert [method for method, _ in sts.requests] == ["assume_role"]

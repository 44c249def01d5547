"""The side of addresses and names in events that do not state it, and the hosts that are derived from URLs."""

import json
from typing import Any

import pytest

from alert_responder.contracts.plugin import InstallationSettings
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.internal import internal_estate
from alert_responder.domain.lookup_plan import known_attributes
from alert_responder.domain.records import Event
from alert_responder.formats import parse_record


def in_report(event: Any, **settings: Any) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the contexts of each attribute in the report of an event."""
    (received,), rejects = parse_record(json.dumps(event).encode())
    assert rejects == []
    internal = internal_estate(InstallationSettings.model_validate(settings))
    known = known_attributes([summarise([Event("e", 0, "r", received.alert)])], [], internal)
    return {(one.attribute.type, one.attribute.value): one.attribute.context for one in known}


def flow(src: str, dest: str, **more: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-03-02T10:00:00.000000+0000",
        "event_type": "alert",
        "src_ip": src,
        "src_port": 50000,
        "dest_ip": dest,
        "dest_port": 443,
        "alert": {"signature_id": 9000001, "signature": "C2 check-in", "category": "Malware", "severity": 1},
        **more,
    }


def test_a_connection_from_inside_to_a_public_server() -> None:
    found = in_report(flow("10.1.2.3", "198.51.100.27", tls={"sni": "c2.example.net"}))
    assert found["ipaddr", "10.1.2.3"] == ("client", "local")
    assert found["ipaddr", "198.51.100.27"] == ("remote", "server")
    assert found["domain", "c2.example.net"] == ("remote", "server")


def test_a_connection_from_outside_to_our_public_network() -> None:
    found = in_report(flow("2001:db8:ffff::7", "203.0.113.80"), internal_networks=["203.0.113.0/24"])
    assert found["ipaddr", "2001:db8:ffff::7"] == ("client", "remote")
    assert found["ipaddr", "203.0.113.80"] == ("local", "server")


def caller(address: str, **settings: Any) -> dict[tuple[str, str], tuple[str, ...]]:
    event = {
        "eventVersion": "1.09",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "accountId": "111122223333"},
        "eventTime": "2026-03-02T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": address,
        "eventID": "c-1",
        "recipientAccountId": "111122223333",
        "vpcEndpointId": "vpce-0a1b2c3d4e5f60718",
    }
    return {key: contexts for key, contexts in in_report(event, **settings).items() if key[0] in {"ipaddr", "domain"}}


@pytest.mark.parametrize(
    ("address", "side"),
    [
        ("10.20.1.7", "local"),
        ("fd00:ec2::7", "local"),
        ("203.0.113.9", "local"),
        ("198.51.100.7", "remote"),
        ("2001:db8::7", "remote"),
    ],
)
def test_a_call_from_a_private_and_from_a_public_address(address: str, side: str) -> None:
    ((_, contexts),) = caller(address, internal_networks=["203.0.113.0/24"]).items()
    assert contexts == tuple(sorted(("client", side, "subject")))


@pytest.mark.parametrize("address", ["AWS Internal", "cloudformation.amazonaws.com", "ec2-frontend-api.amazonaws.com"])
def test_a_call_by_aws_itself_has_no_address_with_a_side(address: str) -> None:
    assert not [each for each in caller(address).values() if {"local", "remote"} & {*each}]


def test_a_link_and_a_sender_in_a_native_alert() -> None:
    event = {
        "detector": "mail-gateway",
        "rule_id": "phishing-link",
        "attributes": [
            {"type": "url", "key": "link", "value": "https://login.example.net/reset?u=1", "context": ["remote"]},
            {"type": "email", "key": "sender", "value": "help@mail.example.net", "context": ["remote", "subject"]},
            {"type": "email", "key": "recipient", "value": "alice@acme.com", "context": ["object"]},
        ],
    }
    assert in_report(event, internal_domains=["acme.com"]) == {
        ("url", "https://login.example.net/reset?u=1"): ("remote",),
        ("email", "help@mail.example.net"): ("remote", "subject"),
        ("email", "alice@acme.com"): ("local", "object"),
        ("domain", "login.example.net"): ("remote",),
        ("domain", "mail.example.net"): ("remote",),
        ("domain", "acme.com"): ("local",),
    }

"""Types of mappings that are chosen by what each value is."""

import pytest

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import MAX_VALUE_LENGTH, canonical
from alert_responder.formats.typed_values import typed

ENDPOINTS = {
    "198.51.100.7:9100": ("ipaddr", "198.51.100.7"),
    "198.51.100.7": ("ipaddr", "198.51.100.7"),
    "198.51.100.7/32": ("ipaddr", "198.51.100.7/32"),
    "198.51.100.0/24": ("network", "198.51.100.0/24"),
    "[2001:db8::7]:9100": ("ipaddr", "2001:db8::7"),
    "[2001:db8::7]": ("ipaddr", "2001:db8::7"),
    "2001:db8::7": ("ipaddr", "2001:db8::7"),
    "https://shop.example.com/health": ("url", "https://shop.example.com/health"),
    "http://[2001:db8::7]:8080/": ("url", "http://[2001:db8::7]:8080/"),
    "shop.example.com": ("domain", "shop.example.com"),
    "shop.example.com:443": ("domain", "shop.example.com"),
    "shop.example.com:443/health?x=1": ("domain", "shop.example.com"),
    "shop.example.com/health": ("domain", "shop.example.com"),
    "tcp://198.51.100.7:6379": ("ipaddr", "198.51.100.7"),
    "postgresql://reader:secret@db.example.com:5432/orders": ("domain", "db.example.com"),
    "web-1:9100": ("hostname", "web-1"),
    "localhost": ("hostname", "localhost"),
    "http:9100": ("hostname", "http"),
    "i-0a1b2c3d4e5f60718:9100": ("instance", "i-0a1b2c3d4e5f60718"),
    "3325256711": ("hostname", "3325256711"),
    " web-1 ": ("hostname", "web-1"),
    "[": ("hostname", "["),
    "node_1:port": ("hostname", "node_1:port"),
}
MEMBERS = {
    "user:jane@example.com": ("email", "jane@example.com"),
    "serviceAccount:ci@shop-prod.iam.gserviceaccount.com": ("email", "ci@shop-prod.iam.gserviceaccount.com"),
    "group:admins@example.com": ("email", "admins@example.com"),
    "deleted:user:jane@example.com?uid=123456789012345678901": ("email", "jane@example.com"),
    "domain:example.com": ("domain", "example.com"),
    "projectOwner:shop-prod": ("project", "shop-prod"),
    "jane@example.com": ("email", "jane@example.com"),
    "allUsers": ("username", "allUsers"),
    "user:jane": ("username", "jane"),
    "system:serviceaccount:shop:cart": ("username", "system:serviceaccount:shop:cart"),
    "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/s": (
        "username",
        "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/s",
    ),
}
IDENTIFIERS = {
    "i-0a1b2c3d4e5f60718": [("instance", "i-0a1b2c3d4e5f60718")],
    "AKIAIOSFODNN7EXAMPLE": [("accesskey", "AKIAIOSFODNN7EXAMPLE")],
    "111122223333": [("account", "111122223333")],
    "198.51.100.7": [("ipaddr", "198.51.100.7")],
    "shop-exports": [("resource", "shop-exports")],
    "arn:aws:iam::111122223333:user/ops": [("arn", "arn:aws:iam::111122223333:user/ops"), ("username", "ops")],
}


@pytest.mark.parametrize("value", ENDPOINTS)
def test_a_host_or_url_has_the_type_of_what_it_is(value: str) -> None:
    (found,) = typed("endpoint", value)

    assert found == ENDPOINTS[value]
    assert canonical(Attribute(type=found[0], value=found[1])) is not None


@pytest.mark.parametrize("value", MEMBERS)
def test_a_member_has_the_type_of_what_it_is(value: str) -> None:
    assert list(typed("member", value)) == [MEMBERS[value]]


@pytest.mark.parametrize("value", IDENTIFIERS)
def test_an_identifier_has_the_types_of_what_it_is(value: str) -> None:
    assert list(typed("identifier", value)) == IDENTIFIERS[value]


@pytest.mark.parametrize("kind", ["endpoint", "member", "identifier"])
def test_values_that_are_blank_or_too_long_are_kept(kind: str) -> None:
    for value in (" ", "x" * (MAX_VALUE_LENGTH + 1)):
        assert list(typed(kind, value)) == [("other", value)]


def test_other_types_are_unchanged() -> None:
    assert list(typed("hostname", "web-1:9100")) == [("hostname", "web-1:9100")]
    assert list(typed("account", 7)) == [("account", 7)]

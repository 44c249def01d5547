"""The host of a URL and the domain of an e-mail address are attributes of their own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.plugin import External, InspectorPlugin
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.attributes import canonical, identity
from alert_responder.domain.derived_attributes import MAX_KEY_LENGTH, derived_from
from alert_responder.domain.internal import NO_INTERNAL
from alert_responder.domain.lookup_plan import (
    KnownAttribute,
    Limits,
    Lookup,
    agenda,
    known_attributes,
    lookup_record,
    underived,
)
from alert_responder.domain.records import LookupRecord, Origin
from alert_responder.domain.report_caps import MAX_ATTRIBUTES
from tests.unit.domain.builders import attribute, event

EVERYTHING = InspectorPlugin(name="x", arn="arn", version=1)


def known(*attributes: Attribute, tasks: tuple[LookupRecord, ...] = ()) -> dict[str, KnownAttribute]:
    return {one.attribute.value: one for one in known_attributes([summarise([event(1, 0, *attributes)])], tasks)}


@pytest.mark.parametrize(
    ("type_", "value", "derived"),
    [
        ("url", "https://login.example.net/reset?u=1", ("domain", "login.example.net")),
        ("url", "hxxp://LOGIN[.]Example.net:8443", ("domain", "login.example.net")),
        ("url", "http://user@198.51.100.7:81/x", ("ipaddr", "198.51.100.7")),
        ("url", "http://3325256711/", ("ipaddr", "198.51.100.7")),
        ("url", "http://[2001:db8::7]:80/x", ("ipaddr", "2001:db8::7")),
        ("url", "http://[::ffff:10.0.0.7]/x", ("ipaddr", "10.0.0.7")),
        ("url", "ftp://bücher.example.net/", ("domain", "xn--bcher-kva.example.net")),
        ("email", "Help <help@Mail.example.net>", ("domain", "mail.example.net")),
        ("url", "http://intranet/x", None),
        ("url", "no URL", None),
        ("email", "bob", None),
        ("domain", "mail.example.net", None),
        ("username", "bob@mail.example.net", None),
    ],
)
def test_the_host_is_derived(type_: str, value: str, derived: tuple[str, str] | None) -> None:
    found = derived_from(attribute(value, type_))
    assert (found and (found.type, found.value)) == derived


def test_a_key_names_the_origin_and_contexts_are_side_and_role() -> None:
    url = Attribute(
        type="url", key="link", value="https://a.example.net/", context=("client", "file", "object", "remote")
    )
    mail = Attribute(type="email", value="b@example.net", context=("subject",))
    found = [each for each in map(derived_from, (url, mail)) if each]
    assert [(each.key, each.context) for each in found] == [
        ("host of link", ("client", "remote")),
        ("domain of an e-mail address", ()),
    ]
    long = derived_from(url.model_copy(update={"key": "k" * 2000}))
    assert long
    assert len(long.key) == MAX_KEY_LENGTH


@given(value=st.text(min_size=1), type_=st.sampled_from(["url", "email"]))
def test_a_derived_attribute_is_valid_and_canonical(value: str, type_: str) -> None:
    for text in (
        value,
        f"http://{value}",
        f"https://a.{value}.net",
        f"a@{value}.com",
        f"https://{value}@b.com/{value}",
    ):
        found = derived_from(attribute(text, type_))
        assert found is None or canonical(found) == found.value


def test_derived_attributes_follow_those_of_alerts_at_the_same_depth() -> None:
    found = known(attribute("https://a.example.net/", "url"), attribute("10.0.0.1", "ipaddr"))
    assert [(value, one.depth, one.origin) for value, one in found.items()] == [
        ("https://a.example.net/", 0, None),
        ("10.0.0.1", 0, None),
        ("a.example.net", 0, Origin(None, identity(attribute("https://a.example.net/", "url")))),
    ]
    url, _, host = found.values()
    assert (host.alert, host.carrier) == (url.alert, url.carrier)


def test_an_attribute_that_exists_is_united_with_the_derived_one() -> None:
    url = attribute("https://a.example.net/", "url", ["remote", "client"])
    assert known(attribute("A.example.net", context=["object"]), url)["A.example.net"] == KnownAttribute(
        **{
            **known(attribute("A.example.net"))["A.example.net"]._asdict(),
            "attribute": attribute("A.example.net", context=["client", "object", "remote"]),
            "alert": known(attribute("A.example.net", context=["object"]), url)["A.example.net"].alert,
        }
    )
    ours = known(url, attribute("a.example.net", context=["local"]))["a.example.net"]
    assert ours.attribute.context == ("client", "local"), "what the event says of the domain has priority"
    assert known(url, url.model_copy(update={"value": "ftp://a.example.net/x"}))["a.example.net"].origin == Origin(
        None, identity(url)
    )


def test_hosts_are_derived_from_answers_without_more_depth() -> None:
    first = attribute("198.51.100.7", "ipaddr")
    groups = [summarise([event(1, 0, first)])]
    task = lookup_record("R1", Lookup(EVERYTHING, known_attributes(groups, [])[0]), 1001)._replace(
        outcome="ok",
        new_attributes=(attribute("https://b.example.net/x", "url"), attribute("http://198.51.100.7/", "url")),
    )
    found = known(first, tasks=(task,))
    assert list(found) == ["198.51.100.7", "https://b.example.net/x", "http://198.51.100.7/", "b.example.net"]
    host = found["b.example.net"]
    assert (host.depth, host.attribute.context) == (1, ("remote",))
    assert host.origin == Origin(None, identity(attribute("https://b.example.net/x", "url")))
    assert found["198.51.100.7"].depth == 0
    deeper = lookup_record("R1", Lookup(EVERYTHING, host), 1002)._replace(
        outcome="ok", new_attributes=(attribute("b.example.net"), attribute("c@b.example.net", "email"))
    )
    assert known(first, tasks=(deeper, task))["b.example.net"] == host


def test_derived_attributes_count_against_the_same_limits() -> None:
    urls = [attribute(f"https://h{number}.example.net/", "url") for number in range(30)]
    planned = agenda(known_attributes([summarise([event(1, 0, *urls)])], []), [EVERYTHING], [], Limits(0, 40))
    assert len(planned.lookups) == 30, "a quarter of 40 is kept for later alerts"
    assert [look.known.attribute.type for look in planned.lookups] == ["url"] * 30
    assert len(planned.over_budget) == 30


def test_no_more_are_derived_than_a_report_may_hold() -> None:
    events = [
        event(alert, alert, *(attribute(f"https://h{alert}-{number}.example.net/", "url") for number in range(1000)))
        for alert in range(6)
    ]
    found = known_attributes([summarise([each]) for each in events], [])
    assert len(found) == MAX_ATTRIBUTES
    assert underived(found) == 12_000 - MAX_ATTRIBUTES
    assert underived(found[:100]) == 0


@pytest.mark.parametrize(
    ("external", "sent"),
    [
        ({}, {"mail.example.net", "https://evil.example.net/"[8:-1]}),
        ({"allow_internal": True, "allow_identities": True}, None),
    ],
)
def test_egress_rules_judge_derived_attributes_like_others(external: dict[str, Any], sent: set[str] | None) -> None:
    attributes = [
        attribute("bob@mail.example.net", "email"),
        attribute("alice@corp.internal", "email"),
        attribute("http://10.0.0.7/x", "url"),
        attribute("https://evil.example.net/?mail=bob@mail.example.net", "url"),
    ]
    outside = EVERYTHING.model_copy(update={"external": External(**external)})
    found = known_attributes([summarise([event(1, 0, *attributes)])], [], NO_INTERNAL)
    planned = agenda(found, [outside], [], Limits(0, 50))
    values = {look.known.attribute.value for look in planned.lookups}
    assert values == (sent or {one.attribute.value for one in found})
    refused = {look.known.attribute.value: rule for look, rule in planned.refused}
    if sent:
        assert refused["corp.internal"] == "special_domain"
        assert refused["10.0.0.7"] == "reserved_address"

"""What external inspectors receive: internal data is never sent, in any spelling."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute
from alert_responder.contracts.plugin import External, InstallationSettings
from alert_responder.domain.attributes import canonical
from alert_responder.domain.egress import IDENTITIES, reason, redacted_alert, redacted_attribute, refusal
from alert_responder.domain.internal import NO_INTERNAL, InternalEstate, internal_estate
from alert_responder.domain.mentions import SPECIAL_NAMES
from tests.unit.domain.builders import attribute

MINE = internal_estate(
    InstallationSettings.model_validate(
        {
            "version": 1,
            "internal_networks": ["8.8.0.0/16", "9.9.9.9/32", "2a00:1450::/32", "::ffff:5.5.0.0/112"],
            "internal_domains": ["corp.acme.com", "xn--mnchen-3ya.de", "Acme-Intranet.net.", "acme"],
        }
    )
)
STRICT = External()

REFUSED = {
    "reserved_address": {
        "ipaddr": [
            "0.0.0.0",  # noqa: S104
            "10.0.0.1",
            " 10.0.0.1 ",
            "10[.]0[.]0[.]1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.0.9",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.251",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "[::1]",
            "::ffff:10.0.0.1",
            "::FFFF:0A00:0001",
            "::ffff:0:10.0.0.1",
            "::10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2002:0a00:0001::1",
            "2002:0101:0101::1",
            "2606:4700::5efe:10.0.0.1",
            "2606:4700::200:5efe:192.168.0.1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456:789a::1",
            "fe80::1%eth0",
            "fe80:0000:0000:0000:0000:0000:0000:0001",
            "fec0::1",
            "ff02::1",
        ],
        "domain": [
            "10.0.0.1.nip.io",
            "app.10.0.0.1.sslip.io",
            "10-0-0-1.nip.io",
            "app-192-168-1-250.traefik.me",
            "9.10.0.0.1.nip.io",
            "10.0.0.0x1",
            "0xa.0x0.0x0.0x1",
            "a.0x",
        ],
        "url": [
            "http://10.0.0.1/",
            "hxxp://10[.]0[.]0[.]1/",
            "HTTP://10.0.0.1:8080/a?b#c",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]:80/",
            "http://[::ffff:a00:1]/",
            "http://10.0.0.1.nip.io/",
            "http://10.0.0.0x1/",
            "http://167772161/",
            "http://0x0a000001/",
            "ftp://192.168.0.1/file",
            "http://evil.com/?next=http://169.254.169.254/latest/meta-data/",
            "http://evil.com/?next=http%3A%2F%2F10.0.0.1%2F",
            "http://evil.com/?next=http%25253A%25252F%25252F10%25252E0.0.1",
            "http://evil.com/#[fe80::1]",
            "http://evil.com/?from=::1",
            "http://evil.com\\.evil.com/..;@10.0.0.1/",
            "http://10.0.0.1\\.evil.com/",
        ],
    },
    "internal_networks": {
        "ipaddr": ["8.8.8.8", "9.9.9.9", "2a00:1450:4001::8", "::ffff:8.8.4.4", "64:ff9b::8.8.8.8", "5.5.1.1"],
        "domain": ["8.8.8.8.nip.io", "dns-8-8-8-8.evil.com"],
        "url": [
            "https://8.8.8.8/",
            "https://[2A00:1450::1]/",
            "https://evil.com/8.8.8.8/x",
            "https://e.com/2a00:1450::1",
        ],
    },
    "internal_domains": {
        "domain": [
            "corp.acme.com",
            "CORP.ACME.COM",
            "corp.acme.com.",
            "a.b.corp.acme.com",
            "corp[.]acme[.]com",
            "corp(dot)acme(dot)com",
            "corp\u3002acme\uff0ecom",
            "http://corp.acme.com/",
            "münchen.de",
            "www.MÜNCHEN.de",
            "xn--mnchen-3ya.de",
            "\uff43\uff4f\uff52\uff50.acme.com",
            "acme-intranet.net",
            "host.acme",
        ],
        "url": [
            "https://corp.acme.com",
            "https://git.corp.acme.com:8443/a",
            "hxxps://git[.]corp[.]acme[.]com/",
            "https://acme/",
            "https://evil.com/login?site=mail.corp.acme.com",
            "https://evil.com/backup-of/corp.acme.com.zip",
            "https://evil.com/?to=https%3A%2F%2FCORP.acme.com",
            "https://evil.com/www.m%C3%BCnchen.de",
        ],
    },
    "special_domain": {
        "domain": [f"host.{name}" for name in sorted(SPECIAL_NAMES)]
        + ["1.0.0.10.in-addr.arpa", "router.home.arpa", "ip-10-0-0-1.ec2.internal", "PRINTER.Local."],
        "url": [
            "http://intranet/",
            "http://localhost:8080/",
            "http://012.local/",
            "http://printer.local/",
            "ws://db.svc.cluster.local/",
        ],
    },
    "user_info": {
        "url": [
            "https://alice@evil.com/",
            "https://alice:secret@evil.com/",
            "https://@evil.com/",
            "https://a@b@evil.com/",
        ]
    },
    "identity": {
        "username": ["alice", "ACME\\alice"],
        "email": ["alice@example.com", "alice[at]example[dot]com"],
        "instance": ["i-0123456789abcdef0"],
        "accesskey": ["AKIAIOSFODNN7EXAMPLE"],
        "arn": ["arn:aws:iam::123456789012:user/alice"],
        "account": ["123456789012"],
        "url": [
            "https://evil.com/?victim=alice@acme.org",
            "https://evil.com/alice%2540acme.org",
            "https://e.com/#a@b.co",
        ],
    },
    "unknown_type": {"json": ['{"user": "alice"}'], "hostname": ["evil.com"], "asset": ["laptop-7"]},
}
ALLOWED = {
    "ipaddr": ["1.1.1.1", "9.9.9.8", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2606:4700:4700::1111", "2a00:1451::1"],
    "domain": [
        "evil.com",
        "notcorp.acme.com.co",
        "mycorp-acme.com",
        "acme.com",
        "local.evil.com",
        "1.2.3.4.nip.io",
        "ec2-3-120-1-2.eu-west-1.compute.amazonaws.com",
        "c-73-12-34-10.hsd1.example-isp.net",
        "xn--mnchen-3ya.com",
        "deep.onion",
    ],
    "url": [
        "https://evil.com/",
        "https://evil.com/a/b.php?x=1&y=2#z",
        "https://1.1.1.1:8443/",
        "https://[2606:4700::1111]/",
        "https://evil.com/npm/@scope/package@1.2.3",
        "https://evil.com/file.test/index.local",
        "https://evil.com/acme/page.html",
        "https://evil.com/v/1.2.3.4/setup.exe",
        "https://evil.com/2026-10-10-12-30",
    ],
    "filehashvalue": ["0" * 32, "sha256: " + "a" * 64],
}


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(type_, value) for type_, values in table.items() for value in values]


@pytest.mark.parametrize(
    ("rule", "type_", "value"), [(rule, *case) for rule, table in REFUSED.items() for case in cases(table)]
)
def test_forbidden_values_are_recognised_in_every_spelling(rule: str, type_: str, value: str) -> None:
    found = attribute(value, type_)
    assert canonical(found) is not None
    assert refusal(found, STRICT, MINE) == rule
    assert refusal(found, None, MINE) is None
    assert refusal(found, External(allow_internal=True, allow_identities=True), MINE) is None


@pytest.mark.parametrize(("type_", "value"), cases(ALLOWED))
def test_public_values_are_allowed(type_: str, value: str) -> None:
    found = attribute(value, type_)
    assert canonical(found) is not None
    assert refusal(found, STRICT, MINE) is None


@pytest.mark.parametrize(
    ("type_", "value", "internal", "identities"),
    [
        ("ipaddr", "10.0.0.1", None, "reserved_address"),
        ("ipaddr", "8.8.8.8", None, "internal_networks"),
        ("domain", "corp.acme.com", None, "internal_domains"),
        ("domain", "host.local", None, "special_domain"),
        ("username", "alice", "identity", None),
        ("email", "alice@corp.acme.com", "identity", "internal_domains"),
        ("email", "alice@acme.org", "identity", None),
        ("url", "http://alice@10.0.0.1/", "user_info", "reserved_address"),
        ("url", "http://evil.com/?a=alice@acme.org", "identity", None),
        ("json", "{}", "unknown_type", "unknown_type"),
        ("own", "x", "unknown_type", "unknown_type"),
    ],
)
def test_each_exception_applies_to_its_rules(
    type_: str, value: str, internal: str | None, identities: str | None
) -> None:
    found = attribute(value, type_)
    assert refusal(found, External(allow_internal=True), MINE) == internal
    assert refusal(found, External(allow_identities=True), MINE) == identities


def test_reserved_values_are_forbidden_without_settings() -> None:
    assert refusal(attribute("10.0.0.1", "ipaddr"), STRICT, NO_INTERNAL) == "reserved_address"
    assert refusal(attribute("host.internal"), STRICT, NO_INTERNAL) == "special_domain"
    assert refusal(attribute("8.8.8.8", "ipaddr"), STRICT, NO_INTERNAL) is None
    assert refusal(attribute("corp.acme.com"), STRICT, NO_INTERNAL) is None


def test_internal_networks_of_any_size() -> None:
    everything = internal_estate(InstallationSettings.model_validate({"internal_networks": ["0.0.0.0/0"]}))
    assert refusal(attribute("1.1.1.1", "ipaddr"), STRICT, everything) == "internal_networks"
    assert refusal(attribute("2606:4700::1", "ipaddr"), STRICT, everything) is None
    single = internal_estate(InstallationSettings.model_validate({"internal_networks": ["2606:4700::1/128"]}))
    assert refusal(attribute("2606:4700::1", "ipaddr"), STRICT, single) == "internal_networks"
    assert refusal(attribute("2606:4700::2", "ipaddr"), STRICT, single) is None


def test_a_reason_names_and_explains_the_rule() -> None:
    assert reason("internal_networks") == (
        "Egress rule internal_networks: the address is in internal_networks. The inspector is external."
    )


_networks = st.one_of(
    st.builds(
        lambda number, length: ipaddress.IPv4Network((number, length), strict=False),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda number, length: ipaddress.IPv6Network((number, length), strict=False),
        st.integers(0x2A << 120, (0x2B << 120) - 1),
        st.integers(8, 128),
    ),
)


@given(network=_networks, data=st.data())
def test_addresses_of_internal_networks_are_forbidden(network: Any, data: st.DataObject) -> None:
    mine = internal_estate(InstallationSettings(version=1, internal_networks=(network,)))
    last = int(network.network_address) + network.num_addresses - 1
    number = data.draw(st.integers(int(network.network_address), last))
    address = type(network.network_address)(number)
    spellings = [str(address), address.exploded]
    if address.version == 4:
        spellings += [f"::ffff:{address}", f"64:ff9b::{address}", f"http://{address}/", f"{address}.nip.io"]
    else:
        spellings += [f"http://[{address}]/"]
    for spelling in spellings:
        kind = "url" if spelling.startswith("http") else "domain" if spelling.endswith("io") else "ipaddr"
        assert refusal(attribute(spelling, kind), STRICT, mine) == "internal_networks", spelling
    outside = number ^ (1 << network.max_prefixlen - network.prefixlen) if network.prefixlen else None
    if outside is not None:
        assert not mine.has_address(type(address)(outside))


_text = st.text(max_size=40) | st.text("0123456789abcdefx.:[]@/%?-#_\\", max_size=40)
_anything = st.builds(
    Attribute,
    type=st.sampled_from([*sorted(IDENTITIES), "ipaddr", "domain", "url", "json", "filehashvalue", "own"]),
    key=st.text(max_size=5),
    value=st.one_of(
        _text.map(lambda text: text or "x"),
        _text.map("http://{}".format),
        _text.map("http://evil.com/{}".format),
        _text.map("{}.evil.com".format),
        st.ip_addresses().map(str),
        st.ip_addresses(v=6).map("http://[{}]/".format),
    ),
    context=st.lists(st.sampled_from([*sorted(KNOWN_CONTEXTS), "own-word"]), max_size=3).map(tuple),
)
_external = st.none() | st.builds(
    External, allow_internal=st.booleans(), allow_identities=st.booleans(), allow_query=st.booleans()
)
_owns = st.sampled_from([MINE, NO_INTERNAL])


@given(found=_anything, external=_external, mine=_owns)
def test_a_redacted_attribute_is_allowed(found: Attribute, external: External | None, mine: InternalEstate) -> None:
    told = redacted_attribute(found, external)
    if refusal(found, external, mine) is None:
        assert refusal(told, external, mine) is None
    if external is None or external.allow_query or found.type != "url":
        assert refusal(told, external, mine) == refusal(found, external, mine)
        assert canonical(told) == canonical(found)
    assert redacted_attribute(told, external) == told
    if external is None:
        assert told.model_copy(update={"value": found.value}) == found


@given(found=_anything, mine=_owns)
def test_more_exceptions_never_forbid_more(found: Attribute, mine: InternalEstate) -> None:
    both = External(allow_internal=True, allow_identities=True)
    assert refusal(found, both, mine) is None
    for external in (External(allow_internal=True), External(allow_identities=True)):
        if refusal(found, STRICT, mine) is None:
            assert refusal(found, external, mine) is None


@given(st.ip_addresses(v=4))
def test_addresses_that_are_not_global_are_forbidden(address: ipaddress.IPv4Address) -> None:
    refused = refusal(attribute(str(address), "ipaddr"), STRICT, NO_INTERNAL)
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert refused == "reserved_address"


def summary(*attributes: Attribute, **fields: Any) -> dict[str, Any]:
    return {
        "detector": "edr of acme",
        "rule_id": "r",
        "rule_name": "alice logged in",
        "alert_key": "alice",
        "description": "alice on 10.0.0.1",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "severity": "alice",
        "account": "111122223333",
        "region": "eu-central-1",
        "attributes": [one.model_dump(mode="json") for one in attributes],
        **fields,
    }


def test_an_external_inspector_receives_only_allowed_parts_of_the_alert() -> None:
    public = attribute("HXXP://Evil[.]com", "url", ["remote", "alices-laptop"]).model_copy(update={"key": "alice's"})
    whole = summary(public, attribute("10.0.0.1", "ipaddr"), attribute("alice", "username"), attribute("no domain"))
    told = redacted_alert(whole, STRICT, MINE)
    assert told == {
        "detector": "",
        "rule_id": "",
        "rule_name": "",
        "alert_key": "",
        "description": "",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "severity": None,
        "account": None,
        "region": None,
        "attributes": [
            {"type": "url", "key": "", "value": "http://evil.com/", "context": ["remote"], "timestamp": None}
        ],
    }
    assert redacted_alert(told, STRICT, MINE) == told


@pytest.mark.parametrize("external", [None, External(allow_internal=True, allow_identities=True)])
def test_an_inspector_without_restrictions_receives_the_whole_alert(external: External | None) -> None:
    whole = summary(attribute("10.0.0.1", "ipaddr", ["own-word"]))
    assert redacted_alert(whole, external, MINE) == whole
    found = attribute("10.0.0.1", "ipaddr", ["own-word"])
    assert redacted_attribute(found, external) == found


@given(st.lists(_anything, max_size=4), _external, _owns)
def test_redacting_an_alert_twice_changes_nothing(
    found: list[Attribute], external: External | None, mine: InternalEstate
) -> None:
    told = redacted_alert(summary(*found), external, mine)
    assert redacted_alert(told, external, mine) == told
    if external == STRICT:
        assert all(refusal(Attribute.model_validate(one), STRICT, mine) is None for one in told["attributes"])


@pytest.mark.parametrize("piece", ["a.", "10.", "-", "%25", "@a.", "::", "a@", "é.", "corp.acme."])
def test_egress_rules_take_linear_time(piece: str) -> None:
    """With 4,096 characters, the longest inspected value; pytest's timeout would end anything that is not linear."""
    value = "http://evil.com/" + piece * (4_080 // len(piece))
    for _ in range(20):
        refusal(attribute(value, "url"), STRICT, MINE)

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import attribute_hash, canonical, identity, unite

TYPES = (
    "ipaddr domain url username filehashvalue json email instance accesskey arn account filepath".split()  # noqa: SIM905
)


def value_of(kind: str, value: str) -> str | None:
    return canonical(Attribute(type=kind, value=value))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("ipaddr", "192.0.2.1", "192.0.2.1"),
        ("ipaddr", " 192.0.2.1\n", "192.0.2.1"),
        ("ipaddr", "192.0.2[.]1", "192.0.2.1"),
        ("ipaddr", "192[.]0(.)2[dot]1", "192.0.2.1"),
        ("ipaddr", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("ipaddr", "[2001:db8::1]", "2001:db8::1"),
        ("ipaddr", "2001[:]db8[:][:]1", "2001:db8::1"),
        ("ipaddr", "fe80::1%eth0", "fe80::1"),
        ("ipaddr", "::ffff:192.0.2.1", "192.0.2.1"),
        ("ipaddr", "::FFFF:c000:201", "192.0.2.1"),
        ("ipaddr", "0.0.0.0", "0.0.0.0"),  # noqa: S104
        ("ipaddr", "192.0.2.01", None),
        ("ipaddr", "192.0.2.1:443", "192.0.2.1"),
        ("ipaddr", "192.0.2.1:65536", None),
        ("ipaddr", "[2001:db8::1]:53", "2001:db8::1"),
        ("ipaddr", "192.0.2.7/32", "192.0.2.7"),
        ("ipaddr", "192.0.2.7/31", None),
        ("ipaddr", "2001:db8::7/128", "2001:db8::7"),
        ("ipaddr", "2001:db8::7/32", None),
        ("ipaddr", "192[.]0[.]2[.]7/32", "192.0.2.7"),
        ("ipaddr", "192.000.002.007", "192.0.2.7"),
        ("ipaddr", "0300.0.2.7", None),
        ("ipaddr", "0300.00.02.07", "192.0.2.7"),
        ("ipaddr", "0300.00.02.08", None),
        ("ipaddr", "012.034.056.077", None),
        ("ipaddr", "0xC0.0.2.7", "192.0.2.7"),
        ("ipaddr", "0xc0000207", "192.0.2.7"),
        ("ipaddr", "192.0.519", None),
        ("ipaddr", "8080", None),
        ("ipaddr", "99999999999", None),
        ("ipaddr", "192.0.2.0/24", None),
        ("ipaddr", "192.0.2.256", None),
        ("ipaddr", "\u0661.1.1.1", None),
        ("ipaddr", "3221225985", "192.0.2.1"),
        ("domain", "Example.COM", "example.com"),
        ("domain", "example.com.", "example.com"),
        ("domain", "www[.]example(dot)com", "www.example.com"),
        ("domain", "hxxps://example[.]com/", "example.com"),
        ("domain", "b\u00fccher.example", "xn--bcher-kva.example"),
        ("domain", "XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("domain", "b\u00fccher\u3002example", "xn--bcher-kva.example"),
        ("domain", "_dmarc.example.com", "_dmarc.example.com"),
        ("domain", "a" * 63 + ".example", "a" * 63 + ".example"),
        ("domain", "a" * 64 + ".example", None),
        ("domain", ".".join(["a" * 49] * 5 + ["abc"]), ".".join(["a" * 49] * 5 + ["abc"])),
        ("domain", ".".join(["a" * 49] * 5 + ["abcd"]), None),
        ("domain", "localhost", None),
        ("domain", "192.0.2.1", None),
        ("domain", "1.2.3.999", None),
        ("domain", "2001:db8::1", None),
        ("domain", "a..example", None),
        ("domain", "-a.example", None),
        ("domain", "a b.example", None),
        ("domain", "*.example.com", None),
        ("domain", "http://example.com/path", "example.com"),
        ("domain", "example.com:8443", "example.com"),
        ("domain", "example.com:99999", None),
        ("domain", "Example.com/a/b?c#d", "example.com"),
        ("domain", "ws://example.com:80/", "example.com"),
        ("domain", "ex%61mple%2ecom", "example.com"),
        ("domain", "alice@example.com", None),
        ("domain", "192.0.2.1:80", None),
        ("domain", "http:/192.0.2.1/", None),
        ("domain", "\u2100.example", None),
        ("domain", ".", None),
        ("url", "HTTP://Example.COM", "http://example.com/"),
        ("url", "hxxps[:]//Example[.]com:443/A%20b?Q=1#F", "https://example.com/A%20b?Q=1#F"),
        ("url", "https://example.com:8443/", "https://example.com:8443/"),
        ("url", "http://example.com:0080", "http://example.com/"),
        ("url", "http://example.com:/x", "http://example.com/x"),
        ("url", "http://example.com?q", "http://example.com/?q"),
        ("url", "ftp://User:Pw@example.com/x", "ftp://User:Pw@example.com/x"),
        ("url", "http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("url", "http://192[.]0[.]2[.]1/x", "http://192.0.2.1/x"),
        ("url", "http://localhost/x", "http://localhost/x"),
        ("url", "http://b\u00fccher.example/\u00fc", "http://xn--bcher-kva.example/\u00fc"),
        ("url", "https://a.example/?to=http://b.example", "https://a.example/?to=http://b.example"),
        ("url", "http://example.com:65536/", None),
        ("url", "http://example.com:x/", None),
        ("url", "http:///x", "http://x/"),
        ("url", "http:///", None),
        ("url", "http:\\\\example.com\\x\\y", "http://example.com/x\\y"),
        ("url", "https:/example.com/x", "https://example.com/x"),
        ("url", "https:example.com/x", "https://example.com/x"),
        ("url", "http:8080", None),
        ("url", "http://ex%41mple.com/x", "http://example.com/x"),
        ("url", "http://ex%2541mple.com/x", None),
        ("url", "http://%6c%6fcalhost/", "http://localhost/"),
        ("url", "http://exa\tmple.com/\nx", "http://example.com/x"),
        ("url", "http://exa mple.com/", None),
        ("url", "http://al ice@example.com/", None),
        ("url", "http://192.0.519/x", "http://192.0.2.7/x"),
        ("url", "http://0300.0.02.7/x", "http://192.0.2.7/x"),
        ("url", "http://3221225991:81/x", "http://192.0.2.7:81/x"),
        ("url", "http://0xc0.0x207/x", "http://192.0.2.7/x"),
        ("url", "http://192.0.2.010/", "http://192.0.2.8/"),
        ("url", "http://192.0.2.7.example.com/", "http://192.0.2.7.example.com/"),
        ("url", "http://4294967296/", None),
        ("url", "data:text/plain,x", None),
        ("url", "http://1.2.3.999/", None),
        ("url", "http://good.example\\@evil.example/", None),
        ("url", "http://example.com/a b\x7f", "http://example.com/a%20b%7F"),
        ("url", "javascript:alert(1)", None),
        ("url", "mailto:a@example.com", None),
        ("url", "example.com/x", None),
        ("username", " Alice ", "Alice"),
        ("username", "CORP\\alice", "CORP\\alice"),
        ("username", "al\x00ice", None),
        ("username", " ", None),
        ("filehashvalue", "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
        ("filehashvalue", "SHA256:" + "AB" * 32, "ab" * 32),
        ("filehashvalue", "a" * 40, "a" * 40),
        ("filehashvalue", "a" * 128, "a" * 128),
        ("filehashvalue", "SHA-384: " + "B" * 96, "b" * 96),
        ("filehashvalue", "a" * 41, None),
        ("filehashvalue", "g" * 32, None),
        ("json", ' {"b": [1, 2.50], "a": null} ', '{"a":null,"b":[1,2.5]}'),
        ("json", '"text"', '"text"'),
        ("json", "{", None),
        ("json", "NaN", None),
        ("json", "1e999", None),
        ("json", "[" * 101 + "]" * 101, None),
        ("json", "[" * 100_000, None),
        ("json", "9" * 10_000, None),
        ("email", "Alice@Example.COM", "Alice@example.com"),
        ("email", "alice[at]example[.]com", "alice@example.com"),
        ("email", "Alice B <mailto:alice@example.com>", "alice@example.com"),
        ("email", '"Alice.B"@example.com', "Alice.B@example.com"),
        ("email", '"al ice"@example.com', None),
        ("email", "a@b@example.com", None),
        ("email", "@example.com", None),
        ("email", "alice@localhost", None),
        ("email", "al ice@example.com", None),
        ("instance", "I-0A1B2C3D", "i-0a1b2c3d"),
        ("instance", "i-0a1b2c3d4e5f60718", "i-0a1b2c3d4e5f60718"),
        ("instance", "i-123", None),
        ("accesskey", "akiaiosfodnn7example", "AKIAIOSFODNN7EXAMPLE"),
        ("accesskey", "AROAIOSFODNN7EXAMPLE", None),
        ("accesskey", "AKIA", None),
        ("arn", "arn:aws:s3:::Bucket/Key", "arn:aws:s3:::Bucket/Key"),
        ("arn", "arn:aws-us-gov:iam::123456789012:user/a", "arn:aws-us-gov:iam::123456789012:user/a"),
        ("arn", "arn:aws:s3", None),
        ("arn", "bucket", None),
        ("account", "123456789012", "123456789012"),
        ("account", "1234-5678-9012", "123456789012"),
        ("account", "12345678901", None),
        ("account", "\u0661" * 12, None),
        ("filepath", " /tmp/x ", " /tmp/x "),
    ],
)
def test_canonical_value(kind: str, value: str, expected: str | None) -> None:
    assert value_of(kind, value) == expected


def test_an_account_given_as_a_number_gets_its_zeros() -> None:
    assert Attribute.model_validate({"type": "account", "value": 12345678901}).value == "012345678901"


def test_an_invalid_value_never_equals_a_valid_one() -> None:
    broken = Attribute(type="domain", value="localhost")
    assert canonical(broken) is None
    assert identity(broken) != attribute_hash("domain", "localhost")
    assert identity(broken) == identity(Attribute(type="domain", value="localhost", key="other"))
    assert identity(broken) != identity(Attribute(type="domain", value="Localhost"))


def test_pairs_do_not_collide() -> None:
    pairs = [("a", "b,c"), ("a,b", "c"), ('a"', "b"), ("a", '"b'), ("ab", "c"), ("a", "\ud800"), ("a", "\\ud800")]
    assert len({attribute_hash(kind, value) for kind, value in pairs}) == len(pairs)


def test_merging_keeps_the_first_spelling_all_contexts_and_the_earliest_time() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    first = Attribute(type="domain", key="first", value="A.test", context=("remote",))
    other = Attribute(type="ipaddr", value="192.0.2.1")
    later = Attribute(type="domain", key="later", value="a[.]test", context=("client", "remote"), timestamp=noon)
    early = Attribute(type="domain", value="a.test.", timestamp=noon - timedelta(hours=1))
    united = unite([first, other, later, early])
    assert [(each.key, each.value) for each in united] == [("first", "A.test"), ("", "192.0.2.1")]
    assert united[0].context == ("client", "remote")
    assert united[0].timestamp == noon - timedelta(hours=1)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "value",
    ["a" * 500_000, "a." * 250_000, "[.]" * 200_000, "\u00e9" * 300_000, "http://" + "@" * 300_000, "[" * 300_000,
     "arn:" * 200_000, "sha256:" * 50_000, "<" * 300_000, " " * 300_000 + "x", "i-" * 200_000, '"\\' * 200_000,
     "hxxp[:]" * 100_000, "1:" * 200_000],
    ids=range(14),
)  # fmt: skip
def test_canonical_takes_linear_time(kind: str, value: str) -> None:
    started = time.perf_counter()
    value_of(kind, value)
    assert time.perf_counter() - started < 5  # linear rules take milliseconds; the rest is for busy machines


PIECES = st.sampled_from(
    ["a", "B", "1", ".", "[.]", "(dot)", ":", "[:]", "/", "//", "http", "hxxp", "https://", "@", "[at]", "[", "]", "<",
     ">", "mailto:", "\u00e9", "\u00df", "\u3002", "xn--", "-", "_", "%", "#", "?", "ffff", "::", "sha256:", "arn:",
     "aws", "AKIA", "i-", " ", "\x00", "\n", '"', "\\", "{", "}", "example.com", "192.0.2.1", "0" * 12, "f" * 32]
)  # fmt: skip
VALUES = st.one_of(st.text(min_size=1), st.lists(PIECES, min_size=1, max_size=8).map("".join))


@settings(deadline=None)
@given(st.sampled_from(TYPES), VALUES)
def test_canonical_never_raises_and_is_a_fixed_point(kind: str, value: str) -> None:
    attribute = Attribute(type=kind, value=value)
    result = canonical(attribute)
    assert len(identity(attribute)) == 64
    if result is not None:
        assert result != ""
        assert value_of(kind, result) == result
        assert identity(Attribute(type=kind, value=result)) == identity(attribute) == attribute_hash(kind, result)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcxyz0189"), min_size=1, max_size=20).map("".join))
def test_spelling_of_a_domain_does_not_matter(label: str) -> None:
    plain = value_of("domain", f"{label}.example")
    assert (
        plain == value_of("domain", f"{label.upper()}[.]EXAMPLE.") == value_of("domain", f" hxxp://{label}(.)example/")
    )


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_notation_of_an_address_does_not_matter(address: object) -> None:
    exploded = address.exploded  # type: ignore[attr-defined]
    assert (
        value_of("ipaddr", str(address)) == value_of("ipaddr", exploded.upper()) == value_of("ipaddr", f"[{exploded}]")
    )


@settings(deadline=None)
@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=8)
)
def test_layout_of_json_does_not_matter(value: object) -> None:
    compact, spread = json.dumps(value), json.dumps(value, indent=3, ensure_ascii=False)
    assert value_of("json", compact) == value_of("json", spread) is not None


ATTRIBUTES = st.lists(
    st.builds(
        Attribute,
        type=st.sampled_from(["domain", "username"]),
        key=st.sampled_from(["", "k"]),
        value=st.sampled_from(["a.test", "A.test", "b", "B", "b[.]test"]),
        context=st.lists(st.sampled_from(["remote", "local", "file"]), max_size=2).map(tuple),
        timestamp=st.none() | st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    max_size=8,
)


@settings(deadline=None)
@given(ATTRIBUTES, ATTRIBUTES, ATTRIBUTES)
def test_unite_is_associative_and_idempotent(
    first: list[Attribute], second: list[Attribute], third: list[Attribute]
) -> None:
    whole = unite([*first, *second, *third])
    assert unite(whole) == whole
    assert unite([*unite([*first, *second]), *third]) == whole
    assert unite([*first, *unite([*second, *third])]) == whole
    assert unite([*first, *second, *third, *first, *second, *third]) == whole


@settings(deadline=None)
@given(ATTRIBUTES)
def test_unite_keeps_exactly_the_given_identities_and_contexts(attributes: list[Attribute]) -> None:
    united = unite(attributes)
    assert [identity(each) for each in united] == list(dict.fromkeys(identity(each) for each in attributes))
    assert {(identity(each), word) for each in united for word in each.context} == {
        (identity(each), word) for each in attributes for word in each.context
    }


def test_attribute_hashes_never_change() -> None:
    """They are parts of keys: stored items must be found after a deployment."""
    valid = Attribute(type="domain", value="A.test")
    assert identity(valid) == hashlib.sha256(b'["domain","a.test"]').hexdigest()
    invalid = Attribute(type="domain", value="no domain")
    assert identity(invalid) == hashlib.sha256(b'["domain","no domain","invalid"]').hexdigest()


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("ipaddr", "[2001:db8::1]", "2001:db8::1"),
        ("ipaddr", "[2001:db8::1", None),
        ("ipaddr", "2001:db8::1]", None),
        ("ipaddr", "192.0.2.1%eth0", None),
        ("ipaddr", "fe80::1%" + "e" * 92, "fe80::1"),
        ("ipaddr", "fe80::1%" + "e" * 93, None),
        ("domain", "http://a.test/", "a.test"),
        ("domain", "https://a.test", "a.test"),
        ("domain", "ftp://a.test", "a.test"),
        ("domain", ".", None),
        ("domain", "\u00e9" * 63 + ".test", None),
        ("domain", ".".join(["\u00e9" * 48] * 5) + ".test", None),
        ("domain", "\ufdfa" * 4 + ".test", None),
        ("url", "http://a.test:65535/", "http://a.test:65535/"),
        ("url", "http://a.test:65536/", None),
        ("url", "http://a.test:00080/", "http://a.test/"),
        ("url", "http://a.test:000080/", None),
        ("url", "http://[2001:db8::1]/", "http://[2001:db8::1]/"),
        ("url", "http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("url", "http://[a.test]/", None),
        ("url", "http://a[.]test[:]8080/", "http://a.test:8080/"),
        ("filehashvalue", "md5:md5:" + "a" * 32, None),
        ("email", "<a@b.test> <c@d.test>", "c@d.test"),
        ("email", "a@b@c.test", None),
    ],
)
def test_canonical_values_at_the_limits(type_: str, value: str, expected: str | None) -> None:
    assert canonical(Attribute(type=type_, value=value)) == expected

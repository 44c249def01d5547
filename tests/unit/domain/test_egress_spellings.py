"""Internal data hidden in other notations, encodings or alphabets, and which parts of a URL are sent."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.plugin import External, InstallationSettings
from alert_responder.domain.attributes import canonical
from alert_responder.domain.decoder import MAX_TURNS, decode
from alert_responder.domain.egress import redacted_alert, redacted_attribute, refusal
from alert_responder.domain.internal import internal_estate
from tests.unit.domain.builders import attribute

MINE = internal_estate(
    InstallationSettings.model_validate(
        {
            "internal_networks": ["45.12.7.0/24", "2a03:99::/32", "192.168.0.0/16"],
            "internal_domains": ["lab-net.acme.io", "acme.dev", "hq"],
        }
    )
)
STRICT = External()
EVERYTHING = External(allow_internal=True, allow_identities=True)


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def nested(text: str, times: int) -> str:
    text = text.replace(".", "%2e")
    for _ in range(times - 1):
        text = quote(text, safe="")
    return text


TOKEN = ".".join(encoded(part) for part in ('{"alg":"none"}', '{"sub":"81"}', "signature"))
REFUSED_NAMES = [
    "c0a80a01.sslip.io",
    "x-0a0a0a0a.example.org",
    "fd12-3456--9.ip6.name",
    "2a03-99--8.sslip.io",
    "17.7.12.45.dnsbl.example.org",
    "9.1.168.192.rbl.org",
    "17-7-12-45.dsl.example.net",
    f"{'.'.join(reversed('2a030099000000000000000000000001'))}.dnsbl.org",
    "db.lab-net.acme.io.tunnel.net",
    "db-lab-net-acme-io.tunnel.net",
    "www.acme.dev.login.net",
    "maria.lopez",
    "fileserver01.adserver",
    "i-0ab12cd34ef567890.tunnel.net",
    "444455556666.dkr.ecr.eu-west-1.amazonaws.com",
    f"{b'db1.lab-net.acme.io'.hex()}.tunnel.net",
    f"{base64.b32encode(b'eve@acme.org').decode().rstrip('=').lower()}.tunnel.net",
]
SENT_NAMES = [
    "myacme.dev.br",
    "login-acme.dev",
    "cdn-1f2e3d4c.example.org",
    "static.101.45.12.99.isp.net",
    "ec2-45-12-8-1.compute.amazonaws.com",
    "a--b.shop",
    "facebook.com",
    "2024-10-11.news",
]
REFUSED_PATHS = [
    "backup/db.lab-net.acme.io-old.zip",
    "x_acme.dev_y",
    "x/acme\u3002dev",
    "x/acme\uff0edev",
    "x/acme[dot]dev",
    "x/acme(.)dev",
    "x/ac\u200bme.dev",
    "x/acme%E2%80%8B.dev",
    nested("mail.acme.dev", 7),
    nested("mail.acme.dev", MAX_TURNS + 3),
    "x/acme&period;dev",
    "x/acme\\u002edev",
    "x/acme%u002Edev",
    "x?site=hq",
    "x?to=//files.hq/a",
    "x/45-12-7-9",
    "x/45[.]12[.]7[.]9",
    "x/0x2d0c0709",
    "x/755762953",
    "x/055.014.07.011",
    "x/45.12.1801",
    "x/\uff14\uff15.12.7.9",
    "x/host:2a03:99::5",
    "x/a::2a03:99::5",
    "x/FD99--7",
    "x?to=http://2130706433/",
    "x?to=http://0x7f.1/",
    "x/172-20-1-9.zip",
    "x/ip-10-9-8-7.eu-central-1.compute.internal",
    'x?u="eve"@acme.org',
    "x?u=(eve)@acme.org",
    "x?u=eve\uff20acme.org",
    "x?u=eve[at]acme[dot]org",
    "x?u=eve%20at%20acme%20dot%20org",
    "x?u=eve+at+acme.org",
    "x?u=eve%5Cu0040acme.org",
    "x?u=eve&commat;acme.org",
    "x?u=eve@mailhost",
    "x?u=eve@[198.51.100.1]",
    "x?r=arn:aws-cn:s3:::secret-bucket",
    "x/AKIAIOSFODNN7EXAMPLE",
    "x/akiazz22yy33xx44ww55/",
    "x/i-0a1b2c3d",
    "x/mi-0123456789abcdef0",
    "x?password=s3cret",
    "x;jsessionid=81A9F0",
    f"x/{encoded('{mail: eve@acme.org}')}",
    f"x/token_{encoded('eve@acme.org')}",
    f"x/{encoded(encoded('to eve@acme.org from 10.9.8.7'))}",
    f"x/{b'eve@acme.org'.hex()}",
    f"x/{base64.b64encode('eve@acme.org'.encode('utf-16-le')).decode()}",
    f"x/{TOKEN}",
    "x/%c0%ae%c0%ae/",
    "x?q=%%34%30acme.org%",
]
SENT_PATHS = [
    "a/2026-11-10-09-30-15/report.pdf",
    "a/550e8400-e29b-41d4-a716-446655440000",
    "npm/@scope/package@v1.2.3/index.js",
    "gh/user/repository@main/x.js",
    "a/%E4%BD%A0%E5%A5%BD/%20x",
    "a/caf%E9",
    "search?q=a%20b&lang=en&page=12",
    "watch?v=dQw4w9WgXcQ",
    "a/d41d8cd98f00b204e9800998ecf8427e",
    "a/Foo::Bar.html",
    "a/20261110/1700000000.html",
    "a/12:30:45",
    "a/ab-cd-ef",
]


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_names_that_reveal_internal_data_are_forbidden(name: str) -> None:
    assert canonical(attribute(name)) is not None
    assert refusal(attribute(name), STRICT, MINE) is not None


@pytest.mark.parametrize("name", SENT_NAMES)
def test_names_that_only_resemble_internal_data_are_allowed(name: str) -> None:
    assert refusal(attribute(name), STRICT, MINE) is None


@pytest.mark.parametrize("path", REFUSED_PATHS)
def test_urls_that_reveal_internal_data_are_forbidden(path: str) -> None:
    found = attribute(f"https://cdn.example.org/{path}", "url")
    assert canonical(found) is not None
    assert refusal(found, STRICT, MINE) is not None
    assert refusal(found, EVERYTHING, MINE) is None


@pytest.mark.parametrize("path", SENT_PATHS)
def test_ordinary_urls_are_allowed(path: str) -> None:
    assert refusal(attribute(f"https://cdn.example.org/{path}", "url"), STRICT, MINE) is None


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://a.org/b/c?d=e#f", "https://a.org/b/c"),
        ("https://a.org/#f", "https://a.org/"),
        ("https://a.org?d", "https://a.org/"),
        ("https://a.org/b%3Fd=e", "https://a.org/b"),
        ("https://a.org/b%23d", "https://a.org/b"),
        ("https://a.org/b\uff1fd=e", "https://a.org/b"),
        ("https://a.org/b", "https://a.org/b"),
    ],
)
def test_query_and_fragment_are_sent_only_if_allowed(written: str, sent: str) -> None:
    found = attribute(written, "url")
    summary = {"attributes": [found.model_dump(mode="json")], "timestamp": None, "description": "seen"}
    for external in (STRICT, EVERYTHING):
        assert redacted_attribute(found, external).value == sent
        assert redacted_alert(summary, external, MINE)["attributes"][0]["value"] == sent
    for external in (External(allow_query=True), EVERYTHING.model_copy(update={"allow_query": True})):
        assert redacted_attribute(found, external).value == canonical(found)
    assert redacted_attribute(found, None).value == canonical(found)


_HIDING = [
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    lambda text: "".join(f"&#{ord(one)};" for one in text),
    lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    lambda text: text.replace(".", "[.]").replace("@", "(at)"),
    lambda text: "\u200d".join(text),
    encoded,
    lambda text: text.encode().hex(),
]


@given(
    secret=st.sampled_from(["eve.hill@acme.org", "10.20.30.40", "db7.acme.dev", "45.12.7.200", "AKIAZZ22YY33XX44WW55"]),
    ways=st.lists(st.sampled_from(_HIDING), min_size=1, max_size=3),
    where=st.sampled_from(["", "?q=", "#", "a/b/", "?x=1&y=", ";v="]),
    behind=st.sampled_from(["", "/z", "&n=1", "\n"]),
)
def test_no_combination_of_encodings_hides_internal_data(
    secret: str, ways: list[object], where: str, behind: str
) -> None:
    hidden = secret
    for way in ways:
        hidden = way(hidden)  # type: ignore[operator]
    found = attribute(f"https://cdn.example.org/{where}{hidden}{behind}", "url")
    if canonical(found) is not None:
        assert refusal(found, STRICT, MINE) is not None, found.value


@given(st.text(max_size=60) | st.text("%25abcdef&#;\\ux0123[]().", max_size=60))
def test_decoding_ends_in_text_that_decodes_to_itself(text: str) -> None:
    said = decode(text)
    if not said.encoded:
        forms = decode(said.texts[-1])
        assert forms.texts[-1] == said.texts[-1]


def test_text_that_cannot_be_decoded_completely_counts_as_encoded() -> None:
    assert not decode(nested("a.b", MAX_TURNS - 2)).encoded
    assert decode(nested("a.b", MAX_TURNS + 1)).encoded
    assert refusal(Attribute(type="url", value="https://a.org/&#xzz;"), STRICT, MINE) == "encoded"


@pytest.mark.parametrize("piece", ["%25", "-", "a-", ":", "1:", "eyJ", "[dot]", "+at+", "\ufdfa", "\u0301", "0x", "&#"])
def test_a_long_url_is_checked_in_linear_time(piece: str) -> None:
    found = Attribute(type="url", value="https://a.org/" + piece * (4_080 // len(piece)))
    for _ in range(5):
        refusal(found, STRICT, MINE)

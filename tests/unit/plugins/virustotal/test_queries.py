"""Requests for an attribute, and their number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.plugin import Attribute
from alert_responder_plugins.virustotal.queries import RELATIONSHIPS, Question, page_of, question_for
from tools.paths import ROOT


def asked(kind: str, value: str, premium: bool = True, wanted: tuple[str, ...] = RELATIONSHIPS) -> Question | None:
    return question_for(Attribute(type=kind, value=value), wanted, premium)


@pytest.mark.parametrize(
    ("kind", "value", "collection", "identifier"),
    [
        ("ipaddr", "::ffff:198.51.100.7", "ip_addresses", "198.51.100.7"),
        ("ipaddr", "2001:DB8::1", "ip_addresses", "2001:db8::1"),
        ("domain", "EVIL[.]example.NET.", "domains", "evil.example.net"),
        ("filehashvalue", "AB" * 16, "files", "ab" * 16),
        ("filehashvalue", "sha256:" + "ab" * 32, "files", "ab" * 32),
        ("url", "http://example.net/", "urls", "aHR0cDovL2V4YW1wbGUubmV0Lw"),
        ("url", "hxxp://EXAMPLE.net:80", "urls", "aHR0cDovL2V4YW1wbGUubmV0Lw"),
    ],
)
def test_identifier_of_the_canonical_value(kind: str, value: str, collection: str, identifier: str) -> None:
    question = asked(kind, value)

    assert question
    assert (question.collection, question.identifier) == (collection, identifier)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("username", "alice"),
        ("email", "a@example.net"),
        ("ipaddr", "198.51.100.0/24"),
        ("domain", "localhost"),
        ("url", "mailto:a@example.net"),
        ("filehashvalue", "ab"),
        ("filehashvalue", "ab" * 64),
    ],
)
def test_unsupported_attributes_are_not_requested(kind: str, value: str) -> None:
    assert asked(kind, value) is None


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://alice:pass@example.net/a?b=c@d#e", "https://example.net/a?b=c@d"),
        ("https://alice@example.net", "https://example.net/"),
        ("https://example.net/@alice?b#c#d", "https://example.net/@alice?b"),
        ("https://a:b@c:d@example.net/", "https://example.net/"),
    ],
)
def test_login_and_fragment_of_a_url_are_not_sent(url: str, sent: str) -> None:
    question = asked("url", url)

    assert question
    assert question.value == sent


@given(st.text(min_size=1, max_size=60), st.sampled_from(["url", "domain", "ipaddr", "filehashvalue"]))
def test_identifier_contains_no_slash(value: str, kind: str) -> None:
    question = asked(kind, f"http://example.net/{value}" if kind == "url" else value)

    assert question is None or not set(question.identifier) & set("/?#%{} ")


@pytest.mark.parametrize("premium", [True, False])
@pytest.mark.parametrize("kind", ["ipaddr", "domain", "url", "filehashvalue"])
def test_only_configured_and_permitted_relationships_are_requested(kind: str, premium: bool) -> None:
    value = {"ipaddr": "198.51.100.7", "domain": "example.net", "url": "http://example.net/"}.get(kind, "ab" * 32)
    all_of_it, some = asked(kind, value, premium), asked(kind, value, premium, ("urls", "resolutions"))

    assert all_of_it
    assert some
    assert set(some.relationships) == set(all_of_it.relationships) & {"urls", "resolutions"}
    assert asked(kind, value, premium, ()) == Question(all_of_it.collection, all_of_it.value, ())


@pytest.mark.parametrize(("row", "premium"), [("public", False), ("`premium", True)])
def test_numbers_of_calls_equal_those_in_the_readme(row: str, premium: bool) -> None:
    text = (ROOT / "modules" / "virustotal" / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| {row}[^|]*\| (\d) \| (\d) \| (\d) \|$", text, re.MULTILINE)
    values = [("domain", "example.net"), ("url", "http://example.net/"), ("filehashvalue", "ab" * 32)]
    questions = [asked(kind, value, premium) for kind, value in values]

    assert found
    assert [int(number) for number in found.groups()] == [question.calls for question in questions if question]


def test_pages_are_within_virustotals_limit() -> None:
    assert {page_of(name) for name in RELATIONSHIPS} <= set(range(1, 41))

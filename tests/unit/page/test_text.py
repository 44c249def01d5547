"""Text an attacker may have written: what is not seen is spelled out, and few links may be clicked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.page.text import brief, https_link, instant, shortened, visible
from tests.fakes.hostile import HOSTILE


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    shown = visible(text)
    assert not {c for c in shown if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl"}}
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice⟨U+202E⟩fdp.exe"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("one\rtwo\u2028", "one⟨U+000D⟩two⟨U+2028⟩"),
        ("\u3164admin", "⟨U+3164⟩admin"),
        ("Z" + "\u0336" * 20, "Z" + "\u0336" * 4),
        ("Grüße, 世界 ✓", "Grüße, 世界 ✓"),
    ],
)
def test_what_is_not_seen_is_spelled_out_and_the_rest_left(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "link",
    [
        "https://www.virustotal.com/gui/ip-address/198.51.100.7",
        "https://example.com",
        "https://a.b.example.com/x?y=z&w=%20#part",
    ],
)
def test_links_that_may_be_clicked(link: str) -> None:
    assert https_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "http://example.com/",
        "HTTPS://example.com/",
        "https://user@example.com/",
        "https://example.com:8443/",
        "https://198.51.100.7/",
        "https://localhost/",
        "https://exa mple.com/",
        "https://example.com/\u202e",
        'https://example.com/"onclick=',
        "https://example.com/'",
        "https://example.com/<",
        "https://example.com/\n",
        "https://ex\u0430mple.com/",
        "https://-a.example.com",
        "javascript:alert(1)//https://example.com/",
        f"https://{'a.' * 130}example.com/",
        f"https://example.com/{'a' * 2_000}",
    ],
)
def test_links_that_may_not(link: str | None) -> None:
    assert https_link(link) is None


def test_hostile_strings_are_no_links_but_for_a_plain_address() -> None:
    assert [name for name, text in HOSTILE.items() if https_link(text)] == ["url"]


def test_text_is_cut_and_says_so() -> None:
    assert shortened("abc", 3) == brief("abc", 3) == "abc"
    assert shortened("a" * 1_500, 2) == "aa… (1,498 more characters)"
    assert brief("abcd", 3) == "ab…"


def test_times_are_told_to_the_second_and_what_is_none_as_it_is() -> None:
    assert instant("2026-02-01T01:00:01.250+01:00") == "2026-02-01 00:00:01"
    assert (instant(None), instant("0001-01-01T00:00:00Z"), instant("soon")) == (None, None, "soon")

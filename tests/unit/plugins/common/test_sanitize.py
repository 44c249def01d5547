"""Text of an attacker, made harmless."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_plugins.common.sanitize import defanged, https_link, one_line, plain, shortened

# What people and programs send, and what hypothesis would rarely make of single characters.
PIECES = st.sampled_from(
    [
        "http://",
        "https:",
        "//",
        "a.b",
        ".",
        "@",
        "javascript:",
        "\u202e",
        "\u200b",
        "\r\n",
        " ",
        "x",
        "é",
        "。",
        "\ud800",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("pay\u202egnp.exe", "paygnp.exe"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("tags\U000e0041\U000e007f", "tags"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("a\r\n\r\n\r\n\r\nb\r", "a\n\nb"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("half \ud800 pair", "half pair"),
        ("no\u00a0break\ttab", "no break tab"),
        ("Z" + "\u0336" * 40, "Z" + "\u0336" * 4),
        ("Z" + "\u0336\u200b" * 40, "Z" + "\u0336" * 4),
        ("e\u200b\u0301", "é"),
        ("Grüße, 東京", "Grüße, 東京"),
    ],
)
def test_plain(text: str, wanted: str) -> None:
    assert plain(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://evil.example/a.b?c=d@e", "hxxps://evil[.]example/a[.]b?c=d[at]e"),
        ("1HTTP://evil.example", "1HTTP[:]//evil[.]example"),
        ("slack://open?team=T1", "slack[:]//open?team=T1"),
        ("http:\\\\evil.example", "hxxp:\\\\evil[.]example"),
        ("javascript:alert(1) mailto:eve@evil.example", "javascript[:]alert(1) mailto[:]eve[at]evil[.]example"),
        ("evil。example evil\uff0eexample", "evil[.]example evil[.]example"),
        ("198.51.100.7", "198[.]51[.]100[.]7"),
        ("@here and @alice", "[at]here and [at]alice"),
        ("The end. Another one... at 12:30", "The end. Another one... at 12:30"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_defanged(text: str, wanted: str) -> None:
    assert defanged(text) == wanted


@given(TEXTS)
def test_nothing_unseen_is_left_and_twice_is_once(text: str) -> None:
    made = plain(text)

    assert not [one for one in made if one != "\n" and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn"}]
    assert plain(made) == made
    assert "\n" not in one_line(text)


@given(TEXTS)
def test_no_address_is_left_and_twice_is_once(text: str) -> None:
    made = defanged(plain(text))

    assert not re.search(r"(?i)https?://|\w[.。]\w|@\S|javascript:\S", made)
    assert defanged(made) == made


@given(st.text(), st.integers(0, 80))
def test_shortened_fits_and_says_what_is_left_out(text: str, most: int) -> None:
    made = shortened(text, most)

    assert len(made) <= most
    said = re.search(r"… \(([0-9,]+) more characters\)$", made)
    if len(text) <= most:
        assert made == text
    elif said:
        kept = made[: said.start()]
        assert text.startswith(kept)
        assert int(said[1].replace(",", "")) == len(text) - len(kept)
    else:
        assert made == text[: max(most - 1, 0)] + "…"[:most]


def test_shortened_counts_what_was_left_out_before() -> None:
    assert shortened("abc", 40, 1_000) == "abc… (1,000 more characters)"
    assert shortened("a" * 50, 30, 1_000) == "aaaaa… (1,045 more characters)"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://www.virustotal.com/gui/domain/evil.example", "https://www.virustotal.com/gui/domain/evil.example"),
        ("https://lists.example.com:8443/a?b=c&d=%20e#f", "https://lists.example.com:8443/a?b=c&d=%20e#f"),
        ("https://Lists.Example.com:443", "https://lists.example.com"),
        ("https://lists.example.com/a|b>c)d]e'f\"g", "https://lists.example.com/a%7Cb%3Ec%29d%5De%27f%22g"),
        ("https://lists.example.com/ü", "https://lists.example.com/%C3%BC"),
    ],
)
def test_link_that_may_be_shown(text: str, wanted: str) -> None:
    assert https_link(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "http://lists.example.com",
        "javascript:alert(1)",
        "HTTPS:lists.example.com",
        "https://user:pass@lists.example.com/",
        "https://lists.example.com\\@evil.example/",
        "https://198.51.100.7/",
        "https://localhost/",
        "https://[::1]/",
        "https://lists.example.com:99999/",
        "https://lists.example.com:0/",
        "https://lists.example.com/a b",
        "https://lists.example.com/a\u202eb",
        "https://lists.example.com/\n",
        "https://ev\u0456l.example/",
        "https://lists.example.com/" + "a" * 2_000,
        "https://lists.example.com/" + "ü" * 500,
    ],
)
def test_link_that_is_none(text: str | None) -> None:
    assert https_link(text) is None


@given(st.text(alphabet=st.characters(max_codepoint=0x2100)))
def test_link_cannot_end_early(tail: str) -> None:
    made = https_link(f"https://lists.example.com/{tail}")

    assert made is None or re.fullmatch(r"https://lists\.example\.com/[A-Za-z0-9/%:@._~+,;=&?#-]*", made)

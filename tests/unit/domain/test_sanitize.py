"""Hostile text is safe wherever it is displayed: on pages, in messages, and in a terminal."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.invisible_characters import MARKS_ON_ONE_LETTER
from alert_responder.domain.sanitize import (
    defang,
    ellipsize,
    https_link,
    one_line,
    shorten,
    spell_out,
    strip_invisible,
)
from alert_responder_cli.sanitize import plain
from alert_responder_plugins.github.markdown import code, fenced
from alert_responder_plugins.pagerduty.message import shown as in_pagerduty
from alert_responder_plugins.slack.markup import notice, shown_lines
from tests.fakes.hostile import HOSTILE
from tests.fakes.links import DOMAIN, MAIL_OR_NAME

PLACES: dict[str, Callable[[str], str]] = {
    "page": spell_out,
    "command line": plain,
    "Slack notification": notice,
    "Slack message": shown_lines,
    "PagerDuty": in_pagerduty,
    "GitHub code span": lambda text: code(text).strip("`"),
    "GitHub block": lambda text: fenced(text, 300).removeprefix("```text\n").removesuffix("\n```"),
}

UNSEEN = {
    "zero width": "\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "direction of writing": "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c",
    "variation selectors": "\ufe00\ufe07\ufe0f\U000e0100\U000e01ef\u180b\u180c\u180d\u180f",
    "tags": "\U000e0001\U000e0020\U000e007f\U000e0fff",
    "fillers": "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180e\U00016fe4\U0001d159",
    "controls": "\x00\x1b\x7f\x85\x9b",
    "separators": "\u2028\u2029",
    "invisible operators": "\u2061\u2062\u2063\u2064",
    "annotations": "\ufff9\ufffa\ufffb\ufffc",
    "musical and shorthand formats": "\U0001d173\U0001d17a\U0001bca0\U0001bca3",
    "private, unassigned, halves": "\ue000\U000f0000\ufffe\U0001ffff\u0378\ud800",
}
SPACES = "\u00a0\u1680\u2000\u2003\u200a\u202f\u205f\u3000"

# Typical text of people and programs, which hypothesis rarely composes of single characters.
PIECES = st.sampled_from(
    [
        "http://",
        "https:",
        "//",
        "a.b",
        "evil.com",
        "www",
        "zip",
        "198.51.100.7",
        ".",
        "@",
        "-",
        "_",
        "❤",
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


@pytest.mark.parametrize("place", PLACES)
def test_no_place_displays_invisible_characters(place: str) -> None:
    for unseen in UNSEEN.values():
        for character in unseen:
            shown = PLACES[place](f"pay{character}pal")
            assert character not in shown, ascii(character)
            assert shown.isprintable() or shown == "pay\npal", ascii(shown)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_displays_all_spaces_as_ordinary_ones(place: str) -> None:
    assert {PLACES[place](f"one{space}two") for space in SPACES} == {"one two"}


@pytest.mark.parametrize("place", PLACES)
def test_no_place_lets_combining_marks_cover_other_lines(place: str) -> None:
    assert PLACES[place]("Q" + "\u0334\u0489" * 30) == "Q" + "\u0334\u0489" * (MARKS_ON_ONE_LETTER // 2)


@pytest.mark.parametrize("place", PLACES)
def test_no_place_displays_invisible_characters_of_hostile_text(place: str) -> None:
    unsafe = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    for name, text in HOSTILE.items():
        shown = PLACES[place](text)
        assert not [one for one in shown if one not in "\n\t" and unicodedata.category(one) in unsafe], name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice⟨U+202E⟩fdp.exe"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("one\rtwo\u2028", "one⟨U+000D⟩two⟨U+2028⟩"),
        ("\u3164admin", "⟨U+3164⟩admin"),
        ("key\ufe0f", "key⟨U+FE0F⟩"),
        ("Z" + "\u0336" * 20, "Z" + "\u0336" * 4),
        ("Grüße, 世界 ✓", "Grüße, 世界 ✓"),
    ],
)
def test_spell_out(text: str, shown: str) -> None:
    assert spell_out(text) == shown


@given(st.text())
def test_spelled_out_text_is_stable(text: str) -> None:
    shown = spell_out(text)
    assert not {c for c in shown if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl"}}
    assert spell_out(shown) == shown


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("pay\u202egnp.exe", "paygnp.exe"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("key\ufe0f\u20e3", "key\u20e3"),
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
def test_strip_invisible(text: str, stripped: str) -> None:
    assert strip_invisible(text) == stripped


@pytest.mark.parametrize(
    ("text", "defanged"),
    [
        ("https://evil.example/a.b?c=d@e", "hxxps://evil[.]example/a.b?c=d@e"),
        ("http://c2.corp/login.evil.com", "hxxp://c2[.]corp/login[.]evil[.]com"),
        ("1HTTP://evil.example", "1HTTP[:]//evil[.]example"),
        ("slack://open?team=T1", "slack[:]//open?team=T1"),
        ("http:\\\\evil.corp", "hxxp:\\\\evil[.]corp"),
        ("javascript:alert(1) mailto:eve@evil.example", "javascript[:]alert(1) mailto[:]eve[at]evil[.]example"),
        ("evil。example evil\uff0eexample", "evil[.]example evil[.]example"),
        ("198.51.100.7", "198[.]51[.]100[.]7"),
        ("@here and @alice, (@bob)", "[at]here and [at]alice, ([at]bob)"),
        ("eve@mail.corp 'eve'@evil.com", "eve[at]mail.corp 'eve'[at]evil[.]com"),
        ("evil.zip, README.md; EVIL.COM.", "evil[.]zip, README[.]md; EVIL[.]COM."),
        ("(evil.com) “evil.com” _evil.com_ evil.com-x", "(evil[.]com) “evil[.]com” _evil[.]com_ evil[.]com-x"),
        ("See evil.com.Then www.evil1", "See evil[.]com[.]Then www[.]evil1"),
        (
            "ev\u0456l.\u0440\u0444 evil.\uff43\uff4f\uff4d evil.xn--p1ai ❤.ws",
            "ev\u0456l[.]\u0440\u0444 evil[.]\uff43\uff4f\uff4d evil[.]xn--p1ai ❤[.]ws",
        ),
        ("arn:aws:s3:::logs.acme.com/x", "arn:aws:s3:::logs[.]acme[.]com/x"),
        (f"evil.{'é' * 300}", f"evil.{'é' * 300}"),
    ],
)
def test_defang(text: str, defanged: str) -> None:
    assert defang(text) == defanged


@pytest.mark.parametrize(
    "text",
    [
        "The end. Another one... at 12:30",
        "2001:db8::1",
        "2026-03-02T00:00:00.000Z",
        "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
        "EC2.19, CloudTrail.1 and NIST.800-53.r5 AC-2(1)",
        "2.6.5, v1.30.0-eks.4, 10.0.19045.2965, 1.2.3.4.5, 300.1.1.1",
        "jane.doe, max.mustermann@laptop, CORP\\jane.doe",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/prod.orders",
        "com.amazonaws.eu-west-1.s3vectors",
        "C:\\\\Users\\\\jane.doe\\\\setup.exe and /opt/agent/libagent.1.dylib",
        "registry/nginx@sha256:4bf5",
        "System.Net.WebClient",
        "ip-10-0-0-1.ec2.internal, web-1.corp.local, kubernetes.default.svc",
        "东京。大阪",
    ],
)
def test_text_that_no_client_links_is_not_defanged(text: str) -> None:
    assert defang(text) == text


def test_defanged_addresses_in_attributes_need_no_known_domain() -> None:
    values = {"domain": "c2.newtld", "url": "c2.newtld/a.b", "email": "eve@c2.newtld", "username": "jane.doe@c2"}
    assert {type_: defang(value, type_) for type_, value in values.items()} == {
        "domain": "c2[.]newtld",
        "url": "c2[.]newtld/a[.]b",
        "email": "eve[at]c2[.]newtld",
        "username": "jane.doe@c2",
    }


@given(TEXTS)
def test_stripped_text_is_visible_and_stable(text: str) -> None:
    stripped = strip_invisible(text)

    assert not [one for one in stripped if one != "\n" and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn"}]
    assert strip_invisible(stripped) == stripped
    assert "\n" not in one_line(text)


@given(TEXTS)
def test_defanged_text_contains_no_address_and_is_stable(text: str) -> None:
    defanged = defang(strip_invisible(text))

    assert not re.search(r"(?i)https?://|(?<![a-z])javascript:\S", defanged)
    assert not DOMAIN.search(defanged)
    assert not MAIL_OR_NAME.search(defanged)
    assert defang(defanged) == defanged


@given(st.text(), st.integers(0, 80))
def test_shortened_text_fits_and_counts_what_is_left_out(text: str, most: int) -> None:
    short = shorten(text, most)

    assert len(short) <= most
    suffix = re.search(r"… \(([0-9,]+) more characters\)$", short)
    if len(text) <= most:
        assert short == text
    elif suffix:
        kept = short[: suffix.start()]
        assert text.startswith(kept)
        assert int(suffix[1].replace(",", "")) == len(text) - len(kept)
    else:
        assert short == text[: max(most - 1, 0)] + "…"[:most]


def test_shortened_text_counts_what_was_cut_off_before() -> None:
    assert shorten("abc", 40, 1_000) == "abc… (1,000 more characters)"
    assert shorten("a" * 50, 30, 1_000) == "aaaaa… (1,045 more characters)"
    assert (ellipsize("abc", 3), ellipsize("abcd", 3)) == ("abc", "ab…")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (
            "https://www.virustotal.com/gui/ip-address/198.51.100.7",
            "https://www.virustotal.com/gui/ip-address/198.51.100.7",
        ),
        ("https://example.com", "https://example.com"),
        ("https://a.b.example.com/x?y=z&w=%20#part", "https://a.b.example.com/x?y=z&w=%20#part"),
        ("https://example.com/wiki/Mimikatz_(tool)", "https://example.com/wiki/Mimikatz_%28tool%29"),
    ],
)
def test_links_that_may_be_clicked(text: str, link: str) -> None:
    assert https_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "http://example.com/",
        "HTTPS://example.com/",
        "HTTPS:example.com",
        "https://Example.com/",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://example.com\\@evil.example/",
        "https://example.com:8443/",
        "https://example.com:0/",
        "https://198.51.100.7/",
        "https://[::1]/",
        "https://localhost/",
        "https://exa mple.com/",
        "https://example.com/a b",
        "https://example.com/\u202e",
        "https://example.com/a\ufe0f",
        "https://example.com/ü",
        'https://example.com/"onclick=',
        "https://example.com/'",
        "https://example.com/<",
        "https://example.com/a|b",
        "https://example.com/a]b",
        "https://example.com/\n",
        "https://ex\u0430mple.com/",
        "https://-a.example.com",
        "javascript:alert(1)",
        "javascript:alert(1)//https://example.com/",
        f"https://{'a.' * 130}example.com/",
        f"https://example.com/{'a' * 2_000}",
    ],
)
def test_links_that_may_not_be_clicked(text: str | None) -> None:
    assert https_link(text) is None


def test_no_hostile_text_is_a_link_except_a_plain_address() -> None:
    assert [name for name, text in HOSTILE.items() if https_link(text)] == ["url"]


@given(st.text(alphabet=st.characters(max_codepoint=0x2100)))
def test_link_cannot_end_early(tail: str) -> None:
    link = https_link(f"https://lists.example.com/{tail}")

    assert link is None or re.fullmatch(r"https://lists\.example\.com/[A-Za-z0-9/%:@._~+,;=&?#-]*", link)

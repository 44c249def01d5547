"""One sanitiser for everything that shows text: the page, the command line, and the emitters."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.invisible_characters import MARKS_ON_ONE_LETTER, is_unseen, nothing, replaced
from alert_responder.page.text import visible
from alert_responder_cli.sanitize import plain as in_a_terminal
from alert_responder_plugins.common.sanitize import plain as in_an_emitter

PLACES: dict[str, Callable[[str], str]] = {
    "page": visible,
    "command line": in_a_terminal,
    "emitters": in_an_emitter,
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


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("unseen", UNSEEN)
def test_no_place_shows_what_nobody_sees(place: str, unseen: str) -> None:
    for character in UNSEEN[unseen]:
        shown = PLACES[place](f"pay{character}pal")
        assert character not in shown
        assert shown.isprintable() or shown == "pay\npal"


@pytest.mark.parametrize("place", PLACES)
def test_every_space_is_the_ordinary_one(place: str) -> None:
    for space in SPACES:
        assert PLACES[place](f"one{space}two") == "one two"


@pytest.mark.parametrize("place", PLACES)
def test_marks_cover_no_other_line(place: str) -> None:
    assert PLACES[place]("Q" + "\u0334\u0489" * 30) == "Q" + "\u0334\u0489" * (MARKS_ON_ONE_LETTER // 2)


@pytest.mark.parametrize("place", PLACES)
def test_text_of_people_stays(place: str) -> None:
    for text in ("Grüße an Zoë", "東京 タワー", "привет", "שלום", "नमस्ते", "สวัสดี", "a\u0301b", "✓ 🙂 →"):
        assert PLACES[place](text) == (unicodedata.normalize("NFC", text) if place == "emitters" else text)


@given(st.text())
def test_nothing_unseen_is_left_and_once_is_enough(text: str) -> None:
    shown = replaced(text, nothing)
    assert not any(map(is_unseen, shown))
    assert replaced(shown, nothing) == shown
    assert len(shown) <= len(text)

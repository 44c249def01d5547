"""Text of attackers reaches the terminal only as text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_cli.sanitize import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is: ä 漢 🙂", "as it is: ä 漢 🙂"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("a\r\nb", r"a\r\nb"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("\ud800", r"\ud800"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        (None, "None"),
    ],
)
def test_dangerous_characters_are_escaped(text: object, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_what_is_shown_is_short_and_harmless(text: str, limit: int) -> None:
    shown = plain(text, limit)

    assert len(shown) <= limit
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


def test_huge_text_is_not_scanned() -> None:
    assert plain("\x1b" * 10_000_000, 10) == "\\x1b\\x1b\\…"

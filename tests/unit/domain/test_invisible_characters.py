"""Invisible characters are recognised and replaced."""

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.invisible_characters import is_unseen, nothing, replaced


@given(st.text())
def test_replaced_text_is_visible_and_stable(text: str) -> None:
    shown = replaced(text, nothing)
    assert not any(map(is_unseen, shown))
    assert replaced(shown, nothing) == shown
    assert len(shown) <= len(text)


def test_ordinary_text_is_unchanged() -> None:
    for text in ("Grüße an Zoë", "東京 タワー", "привет", "שלום", "नमस्ते", "สวัสดี", "a\u0301b", "✓ 🙂 →"):
        assert replaced(text, nothing) == text

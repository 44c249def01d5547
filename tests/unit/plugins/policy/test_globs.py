"""Patterns match as those of a shell, except that brackets mean nothing, in linear time."""

import fnmatch
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alert_responder_plugins.policy.globs import Globs, globs

TEXTS = st.text(alphabet="aAb[.*?", max_size=12)


def like_fnmatch(pattern: str, text: str) -> bool:
    escaped = "".join("[[]" if character == "[" else character for character in pattern)
    return re.fullmatch(fnmatch.translate(escaped), text, re.DOTALL) is not None


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
@example(["a*a"], "a")
@example(["*ab*b"], "abab")
def test_patterns_match_as_in_a_shell(patterns: list[str], text: str) -> None:
    wanted = any(like_fnmatch(pattern, text) for pattern in patterns)
    made = Globs(tuple(patterns), ignore_case=False)
    assert made.match(text) is wanted
    assert made.match_any([text]) is wanted
    assert Globs(tuple(patterns)).match(text) is any(
        like_fnmatch(pattern.lower(), text.lower()) for pattern in patterns
    )


@pytest.mark.parametrize("text", ["O\u212ata", "okt\u0430", "okta\u200b", "ok\u0442a", "\uff4fkta", "okta\n"])
def test_texts_that_look_alike_do_not_match(text: str) -> None:
    assert globs(("OKTA", "okt?")).match("Okta")
    assert not globs(("okta",)).match(text)


@pytest.mark.parametrize("pattern", ["*" + "a" * 140 + "b*" + "a" * 140 + "b*", "a*" * 149 + "b", "?*" * 100 + "b"])
def test_no_text_takes_long(pattern: str) -> None:
    begun = time.process_time()
    assert not globs((pattern,), ignore_case=False).match("a" * 4096)
    assert time.process_time() - begun < 0.2

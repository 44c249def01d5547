"""Values of alerts in queries: only those of a fixed alphabet, in quotes."""

import random
import re
import string

import pytest

from alert_responder_plugins.logs.questions import AskedKey
from alert_responder_plugins.logs_insights import literals
from alert_responder_plugins.logs_insights.custom_queries import build_custom_query
from alert_responder_plugins.logs_insights.dialects import DIALECTS, application
from alert_responder_plugins.logs_insights.query import MAX_QUERY, build_query, can_ask
from tests.unit.plugins.logs_insights.builders import custom_query

KINDS = {**DIALECTS, "application": application({"user": "who", "domain": "host"}, "/(?<who>.+) (?<host>.+)/")}
_PARTS = (
    *("'", '"', "`", "\\", '\\"', "|", "#", "/", "//", "]", "[", ")", "(", "*", "?", "$", "{", "}", "^", "\x00", "\n"),
    *("\u2028", "ä", "😀", "\u202e", '" | limit 1', '" or 1=1', "/ or /", ":values", "SOURCE", "| unmask", "\\x22"),
    *("alice", ".", "-", "_", "evil.example", "192.0.2.1", "=", "@", "+", ",", " "),
)
_STRING = re.compile(r'"[A-Za-z0-9 _.:/@+=,-]{1,512}"')
_DOMAINS = re.compile(r"\(\^\|\\\.\)\(([a-z0-9_-]|\\\.|\|)+\)")


def hostile_values(number: int) -> list[str]:
    dice = random.Random(19)
    values = []
    for _ in range(number):
        parts = [dice.choice((dice.choice(_PARTS), dice.choice(string.printable))) for _ in range(dice.randint(1, 8))]
        values.append("".join(parts))
    return values


VALUES = hostile_values(1000)


@pytest.mark.parametrize("dialect", KINDS)
def test_no_value_is_text_of_a_query(dialect: str) -> None:
    """What remains without strings and names in the pattern of domains is the same for every value."""
    made = KINDS[dialect]
    kinds = {kind: "evil.example" if kind == "domain" else "alice" for kind in sorted(made.kinds)}
    asked = 0
    for kind, plain in kinds.items():
        expected = rest(build_query(made, [[AskedKey(kind, plain)]]))
        for value in VALUES:
            key = AskedKey(kind, value)
            if can_ask(key):
                asked += 1
                assert rest(build_query(made, [[AskedKey(kind, plain), key]])) == expected
                assert not set(value) & set("\"'`\\|#/(){}[]*?^$\n\r\t") or (kind != "domain" and "/" in value)
    assert asked > 100


def rest(text: str) -> str:
    return re.sub(r"\[X(, X)*\]", "[X]", _STRING.sub("X", _DOMAINS.sub("D", text)))


def test_no_value_is_text_of_a_custom_query() -> None:
    values = [value for value in VALUES if literals.fits(value)]
    assert 50 < len(values) < 900
    text = build_custom_query(custom_query("filter user in :values"), values)
    assert re.sub(r"X(, X)*", "X", _STRING.sub("X", text)) == "filter user in [X]"
    assert re.findall(r'"([^"]*)"', text) == values


def test_values_that_cannot_be_quoted_are_refused() -> None:
    for value in ('"', "a\\", "a|b", "a#b", "ä", "", "x" * 513, "a\nb", "alice\ud800"):
        assert not literals.fits(value)
        with pytest.raises(ValueError, match="cannot be quoted"):
            literals.text_list([value])
    for domain in ("a b", "a..b", ".", "a.*", "a|b", "x" * 254):
        with pytest.raises(ValueError, match="is not a domain"):
            literals.domain_pattern([domain])


def test_the_longest_query_about_one_attribute_fits() -> None:
    for dialect in KINDS.values():
        keys = [AskedKey(kind, "x" * 253 if kind == "domain" else "x" * 512) for kind in dialect.kinds]
        assert len(build_query(dialect, [keys])) <= MAX_QUERY

"""Nouns and verbs agree with their number in all sentences."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_responder_cli.terminal.counts import count, verb
from tools.paths import ROOT

SOURCES = sorted(path for folder in ("cli", "tools") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize(
    ("number", "what", "said"),
    [
        (1, "alert", "1 alert"),
        (2, "alert", "2 alerts"),
        (0, "record", "0 records"),
        (12_345, "older change", "12,345 older changes"),
        (1, "try", "1 try"),
        (3, "try", "3 tries"),
        (2, "day", "2 days"),
        (2, "older entry", "2 older entries"),
        (2, "match", "2 matches"),
        (2, "process", "2 processes"),
    ],
)
def test_the_word_agrees_with_the_number(number: int, what: str, said: str) -> None:
    assert count(number, what) == said


def test_the_verb_agrees_with_the_number() -> None:
    assert [verb(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def counted() -> set[str]:
    """Collect the nouns that are counted somewhere, in the plural."""
    return {
        count(2, node.args[1].value).split()[-1]
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "count"
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }


def plurals(tree: ast.Module, nouns: set[str]) -> Iterator[str]:
    """Find each number in a text that a plural follows whatever the number is."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, text in zip(node.values, node.values[1:], strict=False):
            if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                words = str(text.value).split()[:2] if str(text.value).startswith(" ") else []
                words = words[: 1 if words[:1] in (["has"], ["of"]) else 2]
                if nouns & {word.strip(".,;:()") for word in words}:
                    yield f"{node.lineno}: {ast.unparse(node)}"


def test_the_search_for_plurals_finds_them() -> None:
    tree = ast.parse("f'{number} alerts'; f'{len(x):,} older records.'; f'{name} is all'; f'{a} of {b} reports'")

    assert len(list(plurals(tree, {"alerts", "records", "reports"}))) == 3


def test_no_text_has_a_fixed_plural_after_a_number() -> None:
    nouns = counted()
    found = [f"{path.relative_to(ROOT)}:{line}" for path, tree in trees() for line in plurals(tree, nouns)]

    assert {"alerts", "records", "objects", "faults", "tries", "events"} <= nouns
    assert found == []

"""YAML is read as Terraform reads it, and no text makes it large, deep or slow."""

import time
from typing import Any

import pytest

from alert_responder_cli.policy.yaml_document import MAX_VALUES, InvalidYamlError, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:00", "22:00"),
        ("2026-12-01", "2026-12-01T00:00:00Z"),
        ("2026-1-2", "2026-01-02T00:00:00Z"),
        ("2026-12-01 08:30:00", "2026-12-01T08:30:00Z"),
        ("2026-12-01T08:30:00+01:00", "2026-12-01T08:30:00+01:00"),
        ("'2026-12-01'", "2026-12-01"),
        ("111122223333", 111122223333),
        ("012345678901", 12345678901),
        ("'012345678901'", "012345678901"),
        ("1_000", "1_000"),
        ("0x1F", 31),
        ("0o17", 15),
        ("010", 10),
        ("1e999", float("inf")),
        ("-3", -3),
        ("+4", 4),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000),
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("yes", True),
        ("off", False),
        ("nothing", "nothing"),
        ("~", None),
        ("''", ""),
        ("!!str 5", "5"),
        ("9" * 1000, "9" * 1000),
    ],
)
def test_a_scalar_has_the_value_that_terraform_gives_it(text: str, value: Any) -> None:
    assert read_yaml(f"a: {text}").data == {"a": value}


def test_each_value_has_its_line() -> None:
    found = read_yaml("rules:\n  - name: a\n    match: {rule: b,\n      detector: [c, d]}\n  - name: e\n")

    assert {place: line for place, line in found.lines.items() if place} == {
        "rules": 1,
        "rules[0]": 2,
        "rules[0].name": 2,
        "rules[0].match": 3,
        "rules[0].match.rule": 3,
        "rules[0].match.detector": 4,
        "rules[0].match.detector[0]": 4,
        "rules[0].match.detector[1]": 4,
        "rules[1]": 5,
        "rules[1].name": 5,
    }


def test_aliases_and_merged_keys_are_replaced() -> None:
    lists = "list:\n  - <<: *base\n    reason: c\n  - *base\n"

    found = read_yaml(f"base: &base {{owner: a, reason: b}}\n{lists}more: {{<<: [*base, {{x: 1}}]}}\n").data

    assert found["list"] == [{"owner": "a", "reason": "c"}, {"owner": "a", "reason": "b"}]
    assert found["more"] == {"owner": "a", "reason": "b", "x": 1}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_document_is_null(text: str) -> None:
    assert read_yaml(text).data is None


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "the key a is repeated", 3),
        ("a:\n  b: 1\n  b: 2\n", "the key a.b is repeated", 3),
        ("a: 1\n---\nb: 2\n", "only one document is allowed", 2),
        ("a: !!python/object/apply:os.system [id]\n", "tags are not allowed", 1),
        ("a: !!int '5'\n", "tags are not allowed", 1),
        ("\n? [a, b]\n: c\n", "a key must be a text", 2),
        ("a: *missing\n", "the alias missing has no anchor before it", 1),
        ("a: &a [*a]\n", "the alias a has no anchor before it", 1),
        ("a: b\n<<: c\n", "<< must be an object", 2),
        ("a: [" * 60, "nested too deep", 1),
        ("a: b: c\n", "mapping values are not allowed", 1),
        ("a:\n\t- b\n", "cannot start any token", 2),
        ("a: 'b\n", "unexpected end of stream", 2),
        ("a: \x07\n", "characters are not allowed", 1),
    ],
)
def test_other_texts_are_refused_with_their_line(text: str, message: str, line: int) -> None:
    with pytest.raises(InvalidYamlError, match=message.replace("[", r"\[")) as caught:
        read_yaml(text)
    assert caught.value.line == line


def test_aliases_do_not_make_a_document_large() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    begun = time.process_time()

    with pytest.raises(InvalidYamlError, match=f"more than {MAX_VALUES:,} values"):
        read_yaml("\n".join(lines))

    assert time.process_time() - begun < 1


def test_long_texts_that_are_repeated_do_not_make_a_document_large() -> None:
    with pytest.raises(InvalidYamlError, match=f"more than {MAX_VALUES:,} values"):
        read_yaml(f"a: &a {'x' * 1_000_000}\nb: [{'*a, ' * 20}]\n")
    assert len(read_yaml(f"a: {'x' * 1_900_000}\n").data["a"]) == 1_900_000


def test_long_keys_do_not_make_the_places_of_values_large() -> None:
    found = read_yaml(f"short: {{? {'k' * 500_000}\n  : [{'a, ' * 100_000}]}}\n")

    assert [len(value) for value in found.data["short"].values()] == [100_000]
    assert set(found.lines) == {"", "short"}


def test_many_merged_objects_are_merged_in_linear_time() -> None:
    keys = ", ".join(f"k{number}: 1" for number in range(20_000))
    begun = time.process_time()

    found = read_yaml(f"a: &a {{{keys}}}\nb: {{<<: [*a, {'{}, ' * 50_000} {{k0: 2, x: 3}}]}}\n").data

    assert (len(found["b"]), found["b"]["k0"], found["b"]["x"]) == (20_001, 1, 3)
    assert time.process_time() - begun < 10

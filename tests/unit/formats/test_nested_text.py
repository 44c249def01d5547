"""JSON in texts, flat maps, and the sentences about checks and scans."""

from typing import Any

import pytest

from alert_responder.formats.finding_state import first_resolved, is_true, sentences, verdict, vulnerable_packages
from alert_responder.formats.identity import in_account
from alert_responder.formats.nested_text import opened, unflattened
from alert_responder.formats.ocsf_copies import details_of, product_fields_of, resource_id


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('{"A": {"B": 1}}', {"a": {"b": 1}}),
        (' [{"A": 1}]', [{"a": 1}]),
        ("{A}", "{A}"),
        ("5", "5"),
        ("", ""),
        (None, None),
        ({"A": 1}, {"A": 1}),
    ],
)
def test_only_objects_and_arrays_in_texts_are_opened(value: Any, found: Any) -> None:
    assert opened(value) == found


@pytest.mark.parametrize(
    ("fields", "tree"),
    [
        ({"p/a/b": "1", "p/a/c": "2", "q/a": "3"}, {"a": {"b": "1", "c": "2"}}),
        ({"p/a.0_/b": "1", "p/a.1_/b": "2", "p/a.2_/b": "3"}, {"a": {"b": ["1", "2", "3"]}}),
        ({"p/a.0_": "1", "p/a.1_": "2"}, {"a": ["1", "2"]}),
        ({"p/a": "", "p/a/b": "1"}, {"a": {"b": "1"}}),
        ({"p/a/b": "1", "p/a": ""}, {"a": {"b": "1"}}),
        (["p/a"], {}),
        (None, {}),
    ],
)
def test_a_flat_map_becomes_a_tree(fields: Any, tree: Any) -> None:
    assert unflattened(fields, "p/") == tree


def test_a_tree_has_a_greatest_depth() -> None:
    found: Any = unflattened({"p/" + "a/" * 30 + "b": "1"}, "p/")
    for _ in range(20):
        found = found["a"]

    assert found == {"a/" * 10 + "b": "1"}


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (("Bucket a is public.", "Buckets leak."), "Bucket a is public. Buckets leak."),
        (("Bucket a is public", "Buckets leak"), "Bucket a is public. Buckets leak"),
        (("Is it public?", "Yes!", "No."), "Is it public? Yes! No."),
        (("Bucket a is public.", "Bucket a is public"), "Bucket a is public."),
        (("FAILED: it is public. More.", "it is public"), "FAILED: it is public. More."),
        (("arn:data", "d"), "arn:data. d"),
        ((None, "", "d"), "d"),
        ((), ""),
    ],
)
def test_sentences_are_joined_without_repetition(texts: tuple[str | None, ...], joined: str) -> None:
    assert sentences(*texts) == joined


@pytest.mark.parametrize(
    ("word", "found", "resources", "sentence"),
    [
        ("FAIL", "It is public.", ["a"], "FAIL: It is public."),
        ("FAIL", None, ["a", "b", "c"], "FAIL: a, b, c"),
        ("FAIL", "", ["a", "b", "c", "d", "e"], "FAIL: a, b, c and 2 more"),
        ("FAIL", None, [], "FAIL"),
        (None, "It is public.", ["a"], "It is public."),
        (None, None, ["a"], None),
    ],
)
def test_a_verdict_says_what_was_found_about_which_resource(
    word: str | None, found: str | None, resources: list[str], sentence: str | None
) -> None:
    assert verdict(word, found, resources) == sentence


def test_vulnerable_packages_are_named_with_the_version_that_fixes_them() -> None:
    packages = [{"name": "a", "version": "1", "fixed": "2"}, {"name": "b"}, {"version": "3"}, "c", {"name": "d"}]

    assert vulnerable_packages(packages, "fixed") == "a 1 (fixed in 2), b, d"
    assert vulnerable_packages([{"name": name} for name in "abcd"], "fixed") == "a, b, c and 1 more"
    assert vulnerable_packages([], "fixed") is None


def test_one_resolved_word_is_enough() -> None:
    assert first_resolved([None, "NEW", "ARCHIVED"]) == "resolved"
    assert first_resolved([None, "NEW"]) == first_resolved([]) == "active"


def test_true_may_be_a_text() -> None:
    assert [is_true(value) for value in (True, "true", " TRUE ", False, "yes", 1, None)] == [True] * 3 + [False] * 4


def test_a_key_that_contains_the_account_is_unchanged() -> None:
    assert in_account("f-1", "111122223333") == "111122223333/f-1"
    assert in_account("a/111122223333/f-1", "111122223333") == "a/111122223333/f-1"
    assert in_account("f-1", None) == in_account("f-1", "") == "f-1"
    assert len(in_account("f" * 600, "a")) == 64


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ({"uid": "b", "uid_alt": "arn:aws:s3:::b"}, "arn:aws:s3:::b"),
        ({"uid": "arn:aws:s3:::b", "uid_alt": "b"}, "arn:aws:s3:::b"),
        ({"uid": "b", "uid_alt": "c"}, "b"),
        ({"uid": "", "uid_alt": 5}, None),
        ({"type": "AWS::::Account", "uid": "111122223333"}, "AWS::::Account:111122223333"),
        ({"type": "AwsAccount", "uid": "AWS::::Account:111122223333"}, "AWS::::Account:111122223333"),
        ({"type": "AWS::IAM::AccessKey", "uid": "AKIAIOSFODNN7EXAMPLE"}, "AWS::IAM::AccessKey:AKIAIOSFODNN7EXAMPLE"),
        ({"type": "AWS::IAM::AccessKey", "uid": "arn:aws:iam::1:user/a"}, "arn:aws:iam::1:user/a"),
        (5, None),
    ],
)
def test_a_resource_in_ocsf_has_the_id_of_asff(resource: Any, found: str | None) -> None:
    assert resource_id(resource) == found


def test_details_in_ocsf_have_the_names_of_asff() -> None:
    assert details_of({"data": {"awsec2instancedetails": {"a": 1}}}) == {"awsec2instance": {"a": 1}}
    assert details_of({"details": '{"AwsEc2Instance": {}}'}) == {"awsec2instance": {}}
    assert details_of({"data": {"user_name": "u", "principal_id": "p"}}) == {
        "awsiamaccesskey": {"accesskeyid": None, "principalid": "p", "principalname": "u", "principaltype": None}
    }
    assert details_of({"data": "text"}) == "text"
    assert details_of(5) is None


def test_fields_of_the_product_may_be_flat_nested_or_text() -> None:
    wanted = {"a/b": "1"}

    assert product_fields_of({"unmapped": {"productfields.a/b": "1"}}) == wanted
    assert product_fields_of({"unmapped": {"productfields": wanted}}).items() >= wanted.items()
    assert product_fields_of({"unmapped": '{"ProductFields.a/b": "1"}'}) == wanted
    assert product_fields_of({"unmapped": "text"}) == product_fields_of({}) == {}

"""Placeholders are not attributes, and a list of hashes is several."""

from typing import Any

import pytest

from alert_responder.contracts.alert import Attribute
from alert_responder.formats.alert_builder import Notes, build_attributes
from alert_responder.formats.placeholders import is_placeholder

MD5, SHA1 = "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d"
SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def values(kind: str, *given: Any) -> list[str]:
    notes = Notes()
    found = build_attributes([{"type": kind, "value": value, "context": ["file"]} for value in given], notes)
    assert not notes.texts
    assert all(each.type == kind and each.context == ("file",) for each in found)
    return [each.value for each in found]


@pytest.mark.parametrize("value", [" ", "-", "--", "N/A", "n/a", "<NA>", "null", "(null)", "None", "undefined"])
def test_a_placeholder_is_not_an_attribute_of_any_type(value: str) -> None:
    for kind in ("ipaddr", "username", "hostname", "filehashvalue", "image", "other"):
        assert values(kind, value, "x") == ["x"]


@pytest.mark.parametrize(
    "value",
    ["any", "ANY", "*", "unknown", "0.0.0.0", "::", "0:0:0:0:0:0:0:0", "00:00:00:00:00:00"],  # noqa: S104
)
def test_every_address_is_not_an_address(value: str) -> None:
    assert values("ipaddr", value, "192.0.2.1", "127.0.0.1") == ["192.0.2.1", "127.0.0.1"]


def test_a_user_may_have_the_name_of_a_placeholder_for_hosts() -> None:
    assert values("username", "unknown", "any", "0", "000", "-") == ["unknown", "any", "0", "000"]
    assert values("hostname", "unknown", "0") == ["0"]


def test_json_keeps_its_values() -> None:
    assert values("json", ["N/A"], {"a": "-"}, 0) == ['["N/A"]', '{"a":"-"}', "0"]


def test_long_values_are_not_placeholders() -> None:
    assert not is_placeholder("filehashvalue", "0" * 65)
    assert not is_placeholder("username", " " * 65)


@pytest.mark.parametrize("text", ["0" * 32, "0" * 40, "0" * 64])
def test_a_hash_of_zeros_is_a_missing_hash(text: str) -> None:
    assert values("filehashvalue", text, MD5) == [MD5]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"SHA1={SHA1},MD5={MD5},SHA256={SHA256}", [SHA1, MD5, SHA256]),
        (f"SHA1={SHA1.upper()},IMPHASH={MD5}", [SHA1.upper()]),
        (f"sha-256:{SHA256}; md5:{MD5}", [SHA256, MD5]),
        (f"{SHA1} {MD5}", [SHA1, MD5]),
        (f"{MD5},", [f"{MD5},"]),
        (f"IMPHASH={MD5}", []),
        (f"SHA256={SHA256}", [f"SHA256={SHA256}"]),
        (f"MD5={MD5},SSDEEP=3:a:b", [f"MD5={MD5},SSDEEP=3:a:b"]),
        (MD5, [MD5]),
        ("not a hash", ["not a hash"]),
        ("=,=", ["=,="]),
        (",".join([f"MD5={MD5}"] * 40), [",".join([f"MD5={MD5}"] * 40)]),
    ],
)
def test_a_list_of_hashes_is_split(text: str, found: list[str]) -> None:
    assert values("filehashvalue", text) == found
    assert values("username", text) == [text]


def test_attributes_of_coded_formats_are_treated_alike() -> None:
    made = [Attribute(type="ipaddr", value="::"), Attribute(type="filehashvalue", value=f"{SHA1},{MD5}")]
    assert [each.value for each in build_attributes(made, Notes())] == [SHA1, MD5]

"""Which types are known, and what is said of others."""

import re

import pytest

from alert_responder.domain import attributes
from alert_responder.formats import parse_record
from alert_responder.formats.shipped import AllFormats
from alert_responder_cli.attribute_types import CHECKED, KNOWN, UNCHECKED, is_known, meant_by, sentence
from tools.paths import ROOT

CONTRACTS = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")


def test_they_are_those_with_rules_and_those_of_the_shipped_formats() -> None:
    assert set(CHECKED) == attributes._RULES.keys()
    found = {
        attribute.type
        for path in sorted((ROOT / "tests" / "events").rglob("*.json"))
        for each in parse_record(path.read_bytes(), AllFormats())[0]
        for attribute in each.alert.attributes
    }

    assert len(found) > 10
    # "other" stands for a type that was left empty.
    assert found - {"other"} <= KNOWN


def test_the_documentation_has_them() -> None:
    rows = re.findall(r"^\| (`[a-z`, ]+`) \|", CONTRACTS.partition("## Attributes")[2].partition("\n## ")[0], re.M)
    assert set(re.findall("`([a-z]+)`", " ".join(rows))) == set(CHECKED)
    others = CONTRACTS.partition("Besides the types above their attributes are")[2].partition("\n\n")[0]
    assert set(re.findall("`([a-z]+)`", others)) == set(UNCHECKED)


@pytest.mark.parametrize(
    ("type_", "meant"),
    [
        ("ip", "ipaddr"),
        ("ip-address", "ipaddr"),
        ("src_ip", "ipaddr"),
        ("ipadress", "ipaddr"),
        ("sha256", "filehashvalue"),
        ("file-hash", "filehashvalue"),
        ("domains", "domain"),
        ("user-name", "username"),
        ("host-name", "hostname"),
        ("url2", "url"),
        ("badge", None),
        ("x", None),
        ("other", None),
    ],
)
def test_what_is_meant_is_guessed(type_: str, meant: str | None) -> None:
    assert meant_by(type_) == meant
    assert not is_known(type_)
    assert (f"Do you mean {meant}?" in sentence(type_)) == (meant is not None)


def test_own_types_are_known() -> None:
    assert is_known("x-badge")
    assert is_known("badge", ["badge"])
    assert "A type of your own may begin with x-." in sentence("badge")

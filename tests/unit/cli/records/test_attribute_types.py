"""Invalid attribute types are errors, and unknown ones cause a warning, wherever a type is given."""

import re
from pathlib import Path

import pytest
from moto import mock_aws

from alert_responder.domain import attributes
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder_cli.errors import CommandError
from alert_responder_cli.nearest import nearest
from alert_responder_cli.records.attribute_types import (
    CHECKED,
    KNOWN,
    UNCHECKED,
    complete_type,
    is_known,
    meant_by,
    read_types,
    sentence,
    unknown_types,
)
from tests.unit.cli.aws_account import make_installation
from tests.unit.cli.command_runner import run
from tools.paths import ROOT

ALERTS, FORMATS = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("alerts.md", "formats.md"))
INSPECTOR = "def handler(event, context):\n    return None\n"


def test_known_types_are_those_with_rules_and_those_of_built_in_formats() -> None:
    assert set(CHECKED) == attributes._RULES.keys()
    found = {
        attribute.type
        for path in sorted((ROOT / "tests" / "events").rglob("*.json"))
        for each in parse_record(path.read_bytes(), FormatRegistry())[0]
        for attribute in each.alert.attributes
    }

    assert len(found) > 10
    # "other" stands for a type that was left empty.
    assert found - {"other"} <= KNOWN


def test_the_documentation_lists_all_types() -> None:
    rows = re.findall(r"^\| (`[a-z`, ]+`) \|", ALERTS.partition("## Attributes")[2].partition("\n##")[0], re.M)
    assert set(re.findall("`([a-z]+)`", " ".join(rows))) == set(CHECKED)
    others = FORMATS.partition("Besides the [types of attributes](alerts.md#attributes) they use")[2].partition("\n\n")[
        0
    ]
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
def test_a_known_type_is_suggested_for_an_unknown_one(type_: str, meant: str | None) -> None:
    assert meant_by(type_) == meant
    assert not is_known(type_)
    assert (f"Did you mean {meant}?" in sentence(type_)) == (meant is not None)


def test_custom_types_are_known() -> None:
    assert is_known("x-badge")
    assert is_known("badge", ["badge"])
    assert "Start the names of custom types with x-." in sentence("badge")


def test_a_type_is_read_as_in_an_alert() -> None:
    assert read_types(["IPADDR", "my-own_type"]) == ["ipaddr", "my-own_type"]
    assert read_types([]) == []


@pytest.mark.parametrize("type_", ["IP!", "", "9lives", "x" * 33, "\x1b[2J", "ip addr"])
def test_an_invalid_type_is_an_error_with_the_allowed_form(type_: str) -> None:
    with pytest.raises(CommandError, match=r"a word of at most 32 lower-case letters.*ipaddr, domain, "):
        read_types([type_])


def test_unknown_types_cause_one_warning_with_a_suggestion() -> None:
    assert unknown_types(["ipaddr", "hostname"]) is None
    assert unknown_types([]) is None
    assert unknown_types(["ipadr", "ipaddr", "ipadr"]) == "The attribute type ipadr is unknown. Did you mean ipaddr?"
    assert str(unknown_types(["hash", "zzz"])).startswith(
        "The attribute type hash is unknown. Did you mean filehashvalue? The attribute type zzz"
    )


def test_types_are_completed() -> None:
    assert complete_type("file") == ["filehashvalue", "filepath"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ruel_id", "rule_id"),
        ("Rule_ID", "rule_id"),
        ("desc", "description"),
        ("descriptoin", "description"),
        ("x", None),
        ("kubernetes", None),
        ("r" * 65, None),
    ],
)
def test_the_most_similar_name_is_suggested(name: str, meant: str | None) -> None:
    assert nearest(name, ("detector", "rule_id", "rule_name", "description")) == meant


def test_check_rejects_invalid_types_and_warns_about_unknown_ones(tmp_path: Path) -> None:
    (tmp_path / "plug_in.py").write_text(INSPECTOR)
    target = f"{tmp_path / 'plug_in.py'}:handler"

    wrong = run("check", "inspector", target, "--type", "IP!")
    unknown = run("check", "inspector", target, "--type", "IPADR")

    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "got 'IP!'" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    assert unknown.exit_code == 0, unknown.output
    assert "The attribute type ipadr is unknown. Did you mean ipaddr?" in unknown.stderr


def test_reports_rejects_invalid_types_and_warns_about_unknown_ones() -> None:
    with mock_aws():
        make_installation("secops")
        wrong = run("reports", "--attribute", "x", "--type", "IP!")
        unknown = run("reports", "--attribute", "x", "--type", "ipadr")
        own = run("reports", "--attribute", "x", "--type", "hostname")
        empty = run("reports", "--attribute", "")

    assert (wrong.exit_code, unknown.exit_code, own.exit_code, empty.exit_code) == (2, 0, 0, 2)
    assert "got 'IP!'" in wrong.stderr
    assert "The attribute type ipadr is unknown. Did you mean ipaddr?" in unknown.stderr
    assert own.stderr == ""
    assert "must not be empty" in empty.stderr

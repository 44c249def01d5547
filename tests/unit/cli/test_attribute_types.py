"""Types of attributes that cannot be, and those that nobody knows, are pointed out wherever one is given."""

from pathlib import Path

import pytest
from moto import mock_aws

from alert_responder.formats import parse_record
from alert_responder.formats.shipped import AllFormats
from alert_responder_cli.attribute_types import KNOWN, PLAIN_TYPES, TYPES, complete_type, read_types, unknown_types
from alert_responder_cli.errors import CommandError
from alert_responder_cli.nearest import nearest
from tests.unit.cli.account import make_installation
from tests.unit.cli.running import run
from tools.paths import ROOT

INSPECTOR = "def handler(event, context):\n    return None\n"


def test_a_type_is_read_as_in_an_alert() -> None:
    assert read_types(["IPADDR", "my-own_type"]) == ["ipaddr", "my-own_type"]
    assert read_types([]) == []


@pytest.mark.parametrize("type_", ["IP!", "", "9lives", "x" * 33, "\x1b[2J", "ip addr"])
def test_what_cannot_be_a_type_is_an_error_that_says_what_is_allowed(type_: str) -> None:
    with pytest.raises(CommandError, match=r"a word of at most 32 lower-case letters.*: give ipaddr, domain, "):
        read_types([type_])


def test_unknown_types_are_pointed_out_with_the_one_that_was_meant() -> None:
    assert unknown_types(["ipaddr", "hostname"]) is None
    assert unknown_types([]) is None
    assert str(unknown_types(["ipadr", "ipaddr", "ipadr"])).startswith(
        "'ipadr' (did you mean ipaddr?) is not a known type of attributes: "
    )
    assert "'hash' (did you mean filehashvalue?), 'zzz' are not known types" in str(unknown_types(["hash", "zzz"]))


def test_every_type_that_a_format_uses_is_known() -> None:
    formats = AllFormats()
    used = {
        attribute.type
        for path in (ROOT / "tests" / "events").rglob("*.json")
        for parsed in parse_record(path.read_bytes(), formats)[0]
        for attribute in parsed.alert.attributes
    }

    assert set(PLAIN_TYPES) - {"container", "pod", "image"} <= used <= KNOWN
    assert not set(TYPES) & set(PLAIN_TYPES)


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
def test_the_nearest_name_is_found(name: str, meant: str | None) -> None:
    assert nearest(name, ("detector", "rule_id", "rule_name", "description")) == meant


def test_check_says_what_a_type_has_to_be_and_points_out_one_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "plug_in.py").write_text(INSPECTOR)
    target = f"{tmp_path / 'plug_in.py'}:handler"

    wrong = run("check", "inspector", target, "--type", "IP!")
    unknown = run("check", "inspector", target, "--type", "IPADR")

    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "'IP!' cannot be a type of attributes" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    assert unknown.exit_code == 0, unknown.output
    assert "'ipadr' (did you mean ipaddr?) is not a known type" in unknown.stderr


def test_reports_say_so_as_well() -> None:
    with mock_aws():
        make_installation("secops")
        wrong = run("reports", "--attribute", "x", "--type", "IP!")
        unknown = run("reports", "--attribute", "x", "--type", "ipadr")
        own = run("reports", "--attribute", "x", "--type", "hostname")
        empty = run("reports", "--attribute", "")

    assert (wrong.exit_code, unknown.exit_code, own.exit_code, empty.exit_code) == (2, 0, 0, 2)
    assert "'IP!' cannot be a type" in wrong.stderr
    assert "'ipadr' (did you mean ipaddr?) is not a known type" in unknown.stderr
    assert own.stderr == ""
    assert "must not be empty" in empty.stderr

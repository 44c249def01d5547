"""`alert-responder formats` lists what is read, and docs/formats.md the same."""

import json
import re
from pathlib import Path

import pytest
from moto import mock_aws

from alert_responder.formats.registry import CODED_FORMATS, vendor_modules
from alert_responder_cli.records.known_formats import known_formats
from tests.unit.cli.aws_account import client, make_installation
from tests.unit.cli.command_runner import answer, run
from tools.paths import ROOT

DOCUMENT = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
FIRST_TABLE = {"native", "legacy", "guardduty", "securityhub", "ocsf"}
CUSTOM = {
    "name": "edr",
    "match": "threat.rule && host",
    "detector": "'edr'",
    "rule_id": "threat.rule",
    "attributes": [{"type": "hostname", "value": "host"}],
}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    lines = DOCUMENT.partition(f"\n{heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_every_format_has_a_detector_a_description_and_a_link() -> None:
    for known in known_formats():
        assert known.detector, f"{known.name}: write 'Detector: ...' into the docstring of the module"
        assert 20 <= len(known.description) <= 200, known
        assert known.links, f"{known.name}: name the vendor's documentation in the docstring of the module"
        assert all(re.fullmatch(r"https://[a-z0-9.-]+/\S*[^\s.,)]", link) for link in known.links), known


def test_every_module_is_listed_once() -> None:
    names = [known.name for known in known_formats()]
    assert len(names) == len(set(names)) == len(CODED_FORMATS) + len(vendor_modules())


def test_the_document_has_rows_for_exactly_these_detectors() -> None:
    documented = {
        name
        for row in rows("| events, in the known shapes | `detector` | rule | key")
        for name in re.findall(r"`([a-z0-9-]+)`", row[1])
    }
    others = (known for known in known_formats() if known.name not in FIRST_TABLE)
    assert documented == {name for known in others for name in known.detector.split(", ")}


def test_the_first_table_has_the_other_formats() -> None:
    assert {known.name for known in known_formats()} >= FIRST_TABLE
    assert len(rows("| format | recognised by")) == len(FIRST_TABLE)


def test_the_command_prints_a_row_for_each(tmp_path: Path) -> None:
    result = run("formats")
    assert result.exit_code == 0
    for known in known_formats():
        assert re.search(rf"^{known.name} .*{re.escape(known.links[0])}", result.output, re.MULTILINE), known.name


def test_custom_formats_come_first(tmp_path: Path) -> None:
    file = tmp_path / "edr.json"
    file.write_text(json.dumps([CUSTOM, {**CUSTOM, "name": "edr-two"}]))
    found = answer("formats", "--format", file)
    assert [each["name"] for each in found[:2]] == ["edr", "edr-two"]
    assert found[0] == {
        "name": "edr",
        "detector": "'edr'",
        "description": "threat.rule && host",
        "links": [],
        "custom": True,
    }
    assert len(found) == 2 + len(known_formats())
    assert "custom format" in run("formats", "--format", file).output


def test_the_formats_of_an_installation_are_listed() -> None:
    with mock_aws():
        make_installation("secops")
        item = {"pk": {"S": "config"}, "sk": {"S": "formats"}, "mappings": {"S": json.dumps([CUSTOM])}}
        client("dynamodb").put_item(TableName="secops", Item=item)
        found = answer("formats", "-i", "secops")
    assert (found[0]["name"], found[0]["custom"], found[1]["custom"]) == ("edr", True, False)


def test_an_invalid_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "edr.json"
    file.write_text("{}")
    result = run("formats", "--format", file)
    assert result.exit_code == 2
    assert "is invalid" in result.output


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_link_is_broken(columns: int) -> None:
    output = run("formats", columns=columns).output
    assert all(known.links[0] in output for known in known_formats())

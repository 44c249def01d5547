"""Each mapping of examples/formats parses an event of its vendor, and is as short as promised."""

import json
import os
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from alert_responder.contracts.mapping import AttributeMapping, FormatMapping
from alert_responder.formats.envelope import open_envelopes
from alert_responder.formats.mapping import MappedFormat
from alert_responder.formats.registry import CODED_FORMATS, FormatRegistry, vendor_formats
from tests.unit.formats.test_vendors import snapshot
from tools.paths import ROOT

MOST_LINES = 15
MAPPINGS = {path.stem: path for path in sorted((ROOT / "examples" / "formats").glob("*.json"))}
EVENTS = {path.stem.replace("_", "-"): path for path in sorted((ROOT / "tests" / "events" / "others").glob("*.json"))}
SNAPSHOTS = Path(__file__).parent / "snapshots" / "others"

by_name = pytest.mark.parametrize("name", MAPPINGS)


def mapping(name: str) -> MappedFormat:
    return MappedFormat(TypeAdapter(FormatMapping).validate_json(MAPPINGS[name].read_bytes()))


def test_each_example_has_an_event_and_a_snapshot() -> None:
    assert EVENTS.keys() == MAPPINGS.keys() == {path.stem for path in SNAPSHOTS.glob("*.txt")}


@by_name
def test_each_example_is_as_short_as_promised_with_known_fields_only(name: str) -> None:
    text = MAPPINGS[name].read_text(encoding="utf-8")
    fields = json.loads(text)

    assert len(text.splitlines()) <= MOST_LINES
    assert fields["name"] == name
    assert fields.keys() <= FormatMapping.model_fields.keys()
    assert all(each.keys() == AttributeMapping.model_fields.keys() for each in fields["attributes"])


@by_name
def test_the_event_of_each_example_matches_its_snapshot(name: str) -> None:
    actual = snapshot(EVENTS[name].read_bytes(), FormatRegistry([mapping(each) for each in MAPPINGS]))
    expected = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("WRITE_SNAPSHOTS"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(actual, encoding="utf-8")
    assert actual == expected.read_text(encoding="utf-8")
    assert "rejected" not in actual
    assert "[invalid]" not in actual


@by_name
def test_no_other_format_recognises_the_event(name: str) -> None:
    others = (*CODED_FORMATS, *vendor_formats(), *(mapping(each) for each in MAPPINGS if each != name))
    for content in open_envelopes(json.loads(EVENTS[name].read_bytes())):
        assert not isinstance(content, str)
        assert mapping(name).recognises(content.document)
        assert not [each for each in others if each.recognises(content.document)]


@pytest.mark.parametrize("event", sorted((ROOT / "tests" / "events").glob("**/*.json")), ids=lambda path: path.stem)
def test_no_example_recognises_events_of_built_in_formats(event: Path) -> None:
    if event in EVENTS.values():
        return
    for content in open_envelopes(json.loads(event.read_bytes())):
        assert isinstance(content, str) or not [name for name in MAPPINGS if mapping(name).recognises(content.document)]

"""Each file of tests/events/vendors: the mapping that recognises it, and the alerts that it becomes."""

import json
import os
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from alert_responder.domain.attributes import unite
from alert_responder.formats import parse_record
from alert_responder.formats.envelope import open_envelopes
from alert_responder.formats.registry import CODED_FORMATS, FormatRegistry, format_name, vendor_formats
from tests.unit.formats.test_sample_events import EVENTS, came_by, line

VENDORS = sorted((Path(__file__).parents[2] / "events" / "vendors").glob("*.json"))
SNAPSHOTS = Path(__file__).parent / "snapshots" / "vendors"
ALL = FormatRegistry()

Way = tuple[str | int, ...]
by_name = pytest.mark.parametrize("event", VENDORS, ids=lambda path: path.stem)


def alert_of(document: dict[str, Any]) -> Alert:
    """Convert an event with the only mapping that recognises it."""
    (mapping,) = [each for each in vendor_formats() if each.recognises(document)]
    return mapping.to_alert(document)


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def documents(path: Path) -> list[dict[str, Any]]:
    return [content.document for content in open_envelopes(read(path)) if not isinstance(content, str)]


def leaves(value: Any, way: Way = ()) -> Iterator[Way]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        yield (*way, key)
        yield from leaves(item, (*way, key))


def replaced(document: Any, way: Way, value: Any) -> Any:
    changed = deepcopy(document)
    node = changed
    for key in way[:-1]:
        node = node[key]
    node[way[-1]] = value
    return changed


def snapshot(data: bytes, formats: FormatRegistry = ALL) -> str:
    parsed, rejected = parse_record(data, formats)
    lines = [f"{reject.position} rejected {reject.reason}" for reject in rejected]
    for each in parsed:
        alert = each.alert
        lines += [
            f"{each.position} event_id {each.event_id}",
            *(f"  {name} {getattr(alert, name)}" for name in ("detector", "rule_id", "rule_name", "alert_key")),
            f"  description {alert.description}",
            f"  timestamp {alert.timestamp.isoformat() if alert.timestamp else None}",
            f"  severity {alert.severity}",
            f"  source {came_by(alert)}",
            *(line(attribute) for attribute in alert.attributes),
        ]
    return "\n".join(lines) + "\n"


@by_name
def test_each_sample_matches_its_snapshot(event: Path) -> None:
    actual = snapshot(event.read_bytes())
    expected = SNAPSHOTS / f"{event.stem}.txt"
    if os.environ.get("WRITE_SNAPSHOTS"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(actual, encoding="utf-8")
    assert expected.exists(), f"no snapshot yet; check this and put it into {expected.name}:\n{actual}"
    assert actual == expected.read_text(encoding="utf-8")
    assert "rejected" not in actual
    assert "[invalid]" not in actual


def test_every_snapshot_has_a_sample() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == {path.stem for path in VENDORS}


@by_name
def test_exactly_one_mapping_and_no_coded_format_recognises_a_sample(event: Path) -> None:
    for document in documents(event):
        assert len([each.name for each in vendor_formats() if each.recognises(document)]) == 1
        assert not [each for each in CODED_FORMATS if each.recognises(document)]


def test_a_format_is_named_after_its_module() -> None:
    assert format_name("formats.vendors.aws_config_rule") == "aws-config-rule"


def test_every_mapping_has_a_sample() -> None:
    found = [document for path in VENDORS for document in documents(path)]

    for each in vendor_formats():
        assert any(each.recognises(document) for document in found), each.name


@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.stem)
def test_no_mapping_recognises_samples_of_coded_formats(event: Path) -> None:
    for document in (read(event), *documents(event)):
        assert not [each.name for each in vendor_formats() if each.recognises(document)]


@by_name
def test_envelopes_around_a_sample_are_opened(event: Path) -> None:
    for document in documents(event):
        alert = alert_of(document)
        bridge = {"detail-type": "Any", "source": "any", "id": "e-1", "detail": document}
        notice = {"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:x", "Message": json.dumps(bridge)}
        for envelope, event_id in ((bridge, "e-1"), (notice, "m-1")):
            (parsed,), rejected = parse_record(json.dumps(envelope).encode(), ALL)
            assert not rejected
            assert parsed.event_id == event_id
            assert parsed.alert == alert.model_copy(update={"attributes": unite(alert.attributes)})


@by_name
def test_every_attribute_has_a_key_and_a_context(event: Path) -> None:
    found = [attribute for document in documents(event) for attribute in alert_of(document).attributes]
    assert found
    assert all(each.key and each.context for each in found)


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.none() | st.integers() | st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3),
    st.just([[["x"], {"id": {}}], {"value": []}]),
    st.just("x" * 5000),
)
WAYS = [(document, way) for path in VENDORS for document in [read(path)] for way in leaves(document)]


def answers(document: Any) -> None:
    parsed, rejected = parse_record(json.dumps(document).encode(), ALL)
    assert parsed or rejected, document
    assert not [reject.reason for reject in rejected if reject.internal], document


@given(st.sampled_from(WAYS), HOSTILE)
def test_any_value_of_a_field_has_a_result(where: tuple[Any, Way], value: Any) -> None:
    answers(replaced(*where, value))


@by_name
def test_any_invalid_field_has_a_result(event: Path) -> None:
    document = read(event)
    for way in leaves(document):
        for value in (None, 7.5, [None, "x"], {"a": 1}):
            answers(replaced(document, way, value))


def test_detectors_match_the_documentation() -> None:
    sections = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8").split("## ")
    table = next(section for section in sections if section.startswith("Vendors' events"))
    documented = set(re.findall(r"^\| [^|]+ \| `([a-z-]+)` \|", table, re.MULTILINE))
    found = {alert_of(document).detector for path in VENDORS for document in documents(path)}

    assert documented - {"detector"} == found


def test_s3_notifications_are_not_cloudtrail_records() -> None:
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-03-02T10:15:30Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}},
    }
    for document in (record, {"Records": [record]}):
        assert not [each.name for each in vendor_formats() if each.recognises(document)]


@pytest.mark.parametrize("name", ["cloudwatch_alarm_event", "cloudwatch_composite_event"])
def test_lambda_actions_and_events_of_alarms_give_the_same_alert(name: str) -> None:
    (event,) = documents(VENDORS[0].with_name(f"{name}.json"))
    event["configuration"].setdefault("metrics", []).append({"accountId": "210987654321"})
    arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a"
    told, called = alert_of(event), alert_of({"alarmArn": arn, "alarmData": event})

    assert (called.rule_id, called.alert_key) == (told.rule_id, arn)
    assert (called.description, called.timestamp, called.severity) == (told.description, told.timestamp, told.severity)
    assert [each for each in called.attributes if each.key != "alarm"] == list(told.attributes)

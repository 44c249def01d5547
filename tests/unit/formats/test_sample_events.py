"""Each file of tests/events against its snapshot: detector, rule, incident, and every attribute.

A snapshot is text with one line per value, so that changes can be reviewed in a diff. For a new event, or after an
intended change, run with ``WRITE_SNAPSHOTS=1`` and review the result.
"""

import os
from pathlib import Path

import pytest

from alert_responder.contracts.alert import Alert, Attribute
from alert_responder.domain.attributes import canonical
from alert_responder.formats import parse_record

EVENTS = sorted((Path(__file__).parents[2] / "events").glob("*.json"))
SNAPSHOTS = Path(__file__).parent / "snapshots"


def line(attribute: Attribute) -> str:
    fit = "" if canonical(attribute) is not None else "  [invalid]"
    return f"  {attribute.type}  {attribute.value}  ({' '.join(attribute.context)})  {attribute.key}{fit}"


def came_by(alert: Alert) -> str:
    source = alert.source
    return " ".join((source.product, source.region or "-", *source.standards)) if source else "-"


def snapshot(data: bytes) -> str:
    parsed, rejected = parse_record(data)
    lines = []
    for each in parsed:
        alert = each.alert
        lines += [
            f"{each.position} event_id {each.event_id}",
            f"  detector {alert.detector}",
            f"  rule_id {alert.rule_id}",
            f"  rule_name {alert.rule_name}",
            f"  alert_key {alert.alert_key}",
            f"  description {alert.description}",
            f"  timestamp {alert.timestamp.isoformat() if alert.timestamp else None}",
            f"  severity {alert.severity}",
            f"  source {came_by(alert)}",
            *(line(attribute) for attribute in alert.attributes),
        ]
    lines += [f"{reject.position} rejected {reject.reason}" for reject in rejected]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.stem)
def test_each_sample_event_matches_its_snapshot(event: Path) -> None:
    actual = snapshot(event.read_bytes())
    expected = SNAPSHOTS / f"{event.stem}.txt"
    if os.environ.get("WRITE_SNAPSHOTS"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(actual, encoding="utf-8")
    assert expected.exists(), f"no snapshot yet; check this and put it into {expected.name}:\n{actual}"
    assert actual == expected.read_text(encoding="utf-8")


def test_every_snapshot_has_an_event() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == {path.stem for path in EVENTS}

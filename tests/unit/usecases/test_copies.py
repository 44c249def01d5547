"""Copies of one finding from several products, regions and standards are one report, in any order and grouping."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.records import Event
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from tests.fakes.installation import Installation

EVENTS = Path(__file__).parents[2] / "events"
NAMES = (
    "guardduty_root_credentials",
    "securityhub_guardduty_v2",
    "securityhub_copies",
    "securityhub_control_of_standards",
)
REGIONS = ("eu-central-1", "us-east-1")


def events() -> list[Event]:
    """Read the sample events, each for two regions."""
    found = []
    for region in REGIONS:
        for name in NAMES:
            data = (EVENTS / f"{name}.json").read_bytes().replace(b"eu-central-1", region.encode())
            parsed, _ = parse_record(data.replace(b'"id": "9b1c2d3e-', f'"id": "{region}-'.encode()), FormatRegistry())
            found += [Event(f"{each.event_id}/{each.place}", 0, "0", each.alert) for each in parsed]
    return found


ALL = events()


def published(made: Installation) -> dict[str, dict[str, Any]]:
    """Read the last round of every report, by alert id."""
    keys = sorted(key for key in made.archive.objects if key.startswith("reports/") and key.endswith(".json"))
    found = (json.loads(made.archive.objects[key]) for key in keys)
    return {report["alert_id"]: report for report in found}


@given(st.permutations(range(len(ALL))), st.lists(st.integers(1, 5), min_size=len(ALL), max_size=len(ALL)))
def test_copies_in_any_order_and_batches_are_one_report_that_names_their_sources(
    order: Sequence[int], sizes: Sequence[int]
) -> None:
    made, position = Installation(), 0
    for size in sizes:
        batch = [ALL[place] for place in order[position : position + size]]
        if batch:
            made.receive(*batch)
            made.receive(*batch)  # delivered again: nothing counts twice
        position += size
    made.run()

    found = published(made)

    assert len(made.heads()) == len(found) == len({event.alert.alert_id for event in ALL})
    assert sum(report["alert_count"] for report in found.values()) == len(ALL) == len({event.event_id for event in ALL})
    root = next(event.alert.alert_id for event in ALL if "RootCredentialUsage" in event.alert.rule_id)
    assert found[root]["alert_count"] == 3 * len(REGIONS)
    assert found[root]["sources"] == [
        {"product": product, "region": region, "standards": []}
        for product in ("guardduty", "securityhub")
        for region in REGIONS
    ]
    controls = [report for report in found.values() if report["alerts"][0]["rule_id"] == "security-control/EC2.13"]
    assert [report["sources"] for report in sorted(controls, key=lambda report: report["sources"][0]["region"])] == [
        [
            {
                "product": "securityhub",
                "region": region,
                "standards": ["cis-aws-foundations-benchmark/v/1.2.0", "nist-800-53/v/5.0.0"],
            }
        ]
        for region in REGIONS
    ]

"""Contents of findings keep their field names in text."""

from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder_cli.terminal.contents import MAX_FIELDS, MAX_LENGTH, content_text
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.stored_reports import upload
from tests.unit.domain.builders import attribute, event

DATA = {"detections": 0, "engines": 70, "first_seen": None, "by": {"vendor_a": 3, "vendor_b": []}, "listed": False}


def content(**fields: Any) -> dict[str, Any]:
    """Make a content as a report has it, with all defaults."""
    (found,) = InspectionAnswer.model_validate({"contents": [fields]}).model_dump(mode="json")["contents"]
    made: dict[str, Any] = found
    return made


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"type": "note", "title": "Seen", "text": "often", "data": DATA, "source": "feed", "verdict": "harmless"},
            "title: Seen; text: often; detections: 0; engines: 70; first_seen: null; "
            "by: (vendor_a: 3, vendor_b: []); listed: false; source: feed",
        ),
        ({"type": "note", "title": "t", "data": [{"a": 1}, {"b": [2, 3]}]}, "title: t; data: (a: 1), (b: [2, 3])"),
        ({"type": "note", "title": "t", "data": 0}, "title: t; data: 0"),
        ({"type": "note", "title": "t", "data": {}}, "title: t"),
        ({"type": "note", "title": "t", "data": {"type": "x", "verdict": ""}}, "title: t; type: x; verdict: "),
        ({"type": "note", "title": "t", "link": "https://x.example/1"}, "title: t; link: https://x.example/1"),
        (
            {
                "type": "host",
                "country": ["NL", "DE"],
                "related_malware": [{"sha256": "ab", "scans": [{"vendor": "v", "positive": True}]}],
                "activities": [{"service_name": "ssh", "remote_addr": "192.0.2.1"}],
            },
            "country: NL, DE; related malware: (sha256: ab, scans: [(vendor: v, positive: true)]); "
            "activities: (service name: ssh, remote addr: 192.0.2.1)",
        ),
    ],
)
def test_every_field_keeps_its_name(fields: dict[str, Any], text: str) -> None:
    assert content_text(content(**fields)) == text


def test_hostile_names_and_values_are_harmless_and_bounded() -> None:
    hostile = content(
        type="note", title="\x1b[2J", data={f"[red]\x1b[2J{number}": "x" * 9_999 for number in range(200)}
    )

    text = content_text(hostile)

    assert "\x1b" not in text
    assert text.startswith("title: \\x1b[2J; [red]\\x1b[2J0: xxx")
    assert len(text) == MAX_LENGTH


def test_the_number_of_fields_left_out_is_shown() -> None:
    many = content(type="note", title="t", data={f"k{number}": number for number in range(MAX_FIELDS + 1)})

    assert content_text(many).endswith("; and 2 more fields")


def test_text_and_json_show_the_same_contents() -> None:
    note = {"type": "note", "title": "Reputation", "data": DATA}
    with mock_aws():
        make_installation("secops")
        made = Installation({"feed": lambda _: {"contents": [note]}}, None, {})
        made.now = now()
        made.receive(event(1, made.now, attribute("evil.example.net")))
        made.run()
        upload(made)
        report_id = made.heads()[0].report_id
        shown = run("report", report_id).stdout
        found = answer("report", report_id)

    assert found["report"]["findings"][0]["contents"][0]["data"] == DATA
    assert [key for key in (*DATA, "vendor_a", "vendor_b") if f"{key}: " not in shown] == []

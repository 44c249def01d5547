"""A report as a Slack message."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_plugins.slack import markup
from alert_responder_plugins.slack.message import LEAST, MOST, Message, message_of, reply_of
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.mrkdwn import active
from tests.fakes.reports import a_finding, a_report, an_alert, an_attribute

LIMITS = {"header": 150, "section": 3_000, "field": 2_000, "context": 3_000}


def sent(message: Message) -> dict[str, Any]:
    return {"text": message.text, **message.content}


def blocks_of(message: Message) -> list[dict[str, Any]]:
    attachments = message.content.get("attachments", [])
    return [*message.content["blocks"], *(block for attachment in attachments for block in attachment["blocks"])]


def texts_of(message: Message) -> Iterator[tuple[str, str]]:
    for block in blocks_of(message):
        if "text" in block:
            yield block["type"], block["text"]["text"]
        for field in block.get("fields", ()):
            yield "field", field["text"]
        for element in block.get("elements", ()):
            yield "context", element["text"]


def whole(message: Message) -> str:
    return "\n".join(text for _, text in texts_of(message))


def check_limits(message: Message, most: int) -> None:
    assert len(blocks_of(message)) <= 50
    for kind, text in texts_of(message):
        assert 1 <= len(text.encode("utf-16-le")) // 2 <= LIMITS[kind]
    assert sum(len(text) for _, text in texts_of(message)) <= most + 200


def test_there_are_enough_hostile_strings() -> None:
    assert len(HOSTILE) >= 60
    # The tokenizer recognises their mark-up.
    found = {name for name, text in HOSTILE.items() if active({"text": text})}
    assert len(found) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_inactive(name: str) -> None:
    report = report_of(HOSTILE[name])

    for message in (message_of(report), message_of(report, LEAST), message_of(report, updating=False)):
        assert active(sent(message)) == []
        check_limits(message, MOST)
    assert active(sent(reply_of(report, "severity changed"))) == []


@given(st.lists(st.sampled_from(sorted(HOSTILE.values(), key=len)[:70]), min_size=1, max_size=3).map("".join))
def test_combined_hostile_text_is_inactive(text: str) -> None:
    assert active(sent(message_of(report_of(text)))) == []


@given(st.text(max_size=300), st.integers(60, 400))
def test_shortened_text_stays_escaped_and_fits(text: str, most: int) -> None:
    made = markup.fitted(markup.shown(text), most)

    assert len(made.encode("utf-16-le")) // 2 <= most
    assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", made)


def test_message_shows_the_most_important_facts_first() -> None:
    report = a_report(
        attributes=[an_attribute(), an_attribute("deep", depth=1, valid=False)],
        findings=[
            a_finding("good", contents=[{"type": "host", "verdict": "harmless"}]),
            a_finding("slow", outcome="timeout", reason="No answer within 60 s."),
            a_finding("bad", contents=[{"type": "host", "verdict": "malicious", "country": ["NL"], "source": "list"}]),
        ],
        notes=["Without an answer: slow: timeout."],
        overview={
            "severity": "Medium",
            "accounts": [{"id": "111122223333", "name": "shop"}],
            "regions": ["eu-west-1"],
        },
    )
    message = message_of(report)
    text = whole(message)

    places = [
        text.index(part)
        for part in (
            "urgent: Login from a new address",
            "alice logged in from an address never seen before.",
            "Detector's severity\nMedium",
            "Rule\nnew-address",
            "Account\n111122223333 (shop)",
            "Region\neu-west-1",
            "Detector\nvpn",
            "Known for command and control.",
            "Alerts\n1",
            "Lookups\n2 of 3 answered",
            "Verdicts\n1 malicious, 0 suspicious",
            "First alert\n2026-02-01 00:00:01 UTC",
            "malicious: bad on ipaddr 198[.]51[.]100[.]7\n  country: NL\n  source: list",
            "harmless: good on ipaddr",
            "Unanswered lookups (1)\ntimeout: slow on ipaddr 198[.]51[.]100[.]7: No answer within 60 s.",
            "Attributes (2)\nipaddr 198[.]51[.]100[.]7 (source address)\nipaddr deep (source address), invalid for",
            "Notes (1)",
            "report 01KG9Z9Q7R2D4B6C8E0FGHJKMN, round 1",
        )
    ]
    assert places == sorted(places)
    assert message.text == (
        "urgent\uff1a Login from a new address | Medium | 111122223333 (shop) eu-west-1 | "
        "alice logged in from an address never seen before."
    )


def test_what_the_detector_reports_is_outside_of_the_attachment_which_slack_folds() -> None:
    (header, description, facts) = message_of(a_report()).content["blocks"]

    assert header["type"] == "header"
    assert description["text"]["text"] == "alice logged in from an address never seen before."
    assert [field["text"] for field in facts["fields"]] == [
        "Detector's severity\nMedium",
        "Rule\nnew-address",
        "Detector\nvpn",
    ]


def test_long_description_is_shortened() -> None:
    message = message_of(a_report(alerts=[an_alert(description="word " * 1_000)]))

    assert len(message.content["blocks"][1]["text"]["text"]) <= 600


def test_resolved_report_is_marked() -> None:
    message = message_of(a_report(status="resolved"))

    assert message.content["blocks"][0]["text"]["text"] == "\u2705 Resolved: Login from a new address"
    assert message.content["attachments"][0]["color"] == "#2e7d32"
    assert message.text.startswith("Resolved\uff1a Login")


@pytest.mark.parametrize(
    ("severity", "colour", "lamp"),
    [("urgent", "#c62828", "🔴"), ("unclassified", "#f9a825", "🟡"), ("safe", "#2e7d32", "🟢")],
)
def test_severity_has_a_colour(severity: str, colour: str, lamp: str) -> None:
    message = message_of(a_report(severity=severity))

    assert message.content["attachments"][0]["color"] == colour
    assert message.content["blocks"][0]["text"]["text"].startswith(f"{lamp} {severity}: ")


@pytest.mark.parametrize("most", [MOST, LEAST])
def test_large_report_is_shortened_with_a_note(most: int) -> None:
    contents = [{"type": "note", "verdict": "malicious", "title": "x", "text": "y" * 5_000}]
    report = a_report(
        reason="because " * 500,
        attributes=[an_attribute(f"a{number}") for number in range(500)],
        findings=[
            *(a_finding(f"i{number}", contents=contents) for number in range(200)),
            *(a_finding(f"u{number}", outcome="error", reason="z" * 900) for number in range(200)),
        ],
        notes=["n" * 2_000] * 20,
        truncated=True,
    )
    message = message_of(report, most)

    check_limits(message, most)
    text = whole(message)
    assert re.search(r"\d+ more findings: \d+ malicious\.", text)
    assert re.search(r"Attributes \(500\)(.|\n)*and \d+ more", text)
    assert re.search(r"Unanswered lookups \(200\)(.|\n)*and \d+ more", text)
    assert "more characters)" in text
    assert "was truncated" in text


def test_malicious_findings_are_left_out_last() -> None:
    harmless = [a_finding(contents=[{"type": "host", "verdict": "harmless"}]) for _ in range(100)]
    bad = a_finding("bad", contents=[{"type": "host", "verdict": "malicious"}])
    text = whole(message_of(a_report(findings=[*harmless, bad])))

    assert "malicious: bad on" in text
    assert re.search(r"\d+ more findings: \d+ harmless\.", text)


def test_webhook_message_says_that_it_is_not_updated() -> None:
    assert "each round is a new message" in whole(message_of(a_report(), updating=False))


def test_reply_contains_both_severities_and_the_reason() -> None:
    report = a_report(severity="safe", reason="False alarm.", round=3)
    message = reply_of(report, "severity changed from urgent to safe")

    assert whole(message) == "🟢 Round 3: severity changed from urgent to safe.\nFalse alarm."


def test_empty_report_can_be_posted() -> None:
    message = message_of(a_report(reason="", title="", attributes=[], findings=[], alerts=[]))

    check_limits(message, MOST)
    assert "The reviewer gave no reason." in whole(message)


def test_incomplete_report_names_missing_parts() -> None:
    cut = [{"what": "lookups", "count": 1_200, "reason": "A limit."}]
    assert "1,200 lookups missing" in whole(message_of(a_report(complete=False, omissions=cut)))
    assert "missing" not in whole(message_of(a_report()))


def test_the_three_most_telling_activities_come_before_the_findings() -> None:
    new = {
        "principal": "alice",
        "action": "CreateAccessKey",
        "remote_addr": "198.51.100.7",
        "count": 2,
        "usual": False,
        "basis": "first time in 30 days; <!channel> https://evil.example",
    }
    activities = [{"action": f"List{number}", "usual": True, "count": number} for number in range(5)]
    made = a_report(findings=[a_finding(contents=[{"type": "user", "activities": [*activities, new]}])])
    for most in (MOST, LEAST):
        texts = [
            block["text"]["text"]
            for block in message_of(made, most).content["attachments"][0]["blocks"]
            if block["type"] == "section" and "text" in block
        ]
        (place,) = [place for place, text in enumerate(texts) if text.startswith("Activities (6)\n")]
        assert texts[place].split("\n")[1:] == [
            "alice CreateAccessKey from 198[.]51[.]100[.]7, 2 times, new: first time in 30 days; "
            "&lt;!channel&gt; hxxps://evil[.]example",
            "List4, 4 times, usual",
            "List3, 3 times, usual",
            "and 3 more",
        ]
        assert texts[place + 1].startswith("no verdict: reputation on ipaddr")

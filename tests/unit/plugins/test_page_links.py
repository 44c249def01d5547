"""Emitters show where a report's page is opened, as a link of ours, and as nothing where there is none."""

import json

import pytest

from alert_responder_plugins.common.summary import page_link
from alert_responder_plugins.github.issue import body
from alert_responder_plugins.pagerduty.message import trigger_of
from alert_responder_plugins.slack.message import message_of
from tests.fakes.reports import a_report, an_emission

CONSOLE = (
    "https://eu-west-1.console.aws.amazon.com/s3/object/alert-responder-2026?region=eu-west-1&bucketType=general"
    "&prefix=reports/01KG9Z9Q7R2D4B6C8E0FGHJKMN/000001.html"
)
PRESIGNED = (
    "https://bucket.s3.eu-west-1.amazonaws.com/reports/01KG9Z9Q7R2D4B6C8E0FGHJKMN/000001.html"
    "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA%2F20260201%2Feu-west-1%2Fs3%2Faws4_request"
    f"&X-Amz-Security-Token={'a%2B' * 700}&X-Amz-Signature=0a"
)


@pytest.mark.parametrize("link", [CONSOLE, PRESIGNED])
def test_each_shows_it_as_it_is(link: str) -> None:
    request = an_emission(a_report(), "any").model_copy(update={"report_url": link})
    page = page_link(request)

    assert page == link
    assert trigger_of(request.report, "critical", "here", page)["links"][0] == {"href": link, "text": "Open the report"}
    assert f"[Open the report]({link})" in body(request.report, page)
    blocks = message_of(request.report, page=page).content["attachments"][0]["blocks"]
    (rich,) = [block for block in blocks if block["type"] == "rich_text"]
    assert rich["elements"][0]["elements"] == [{"type": "link", "url": link, "text": "Open the report"}]


def test_without_one_each_shows_the_command_alone() -> None:
    report = a_report()
    told = json.dumps([trigger_of(report, "critical", "here"), body(report), message_of(report).content])

    assert told.count(f"alert-responder open {report.id}") == 3
    assert "Open the report" not in told
    assert page_link(an_emission(report, "any")) is None


@pytest.mark.parametrize(
    "link", ["http://example.com/", "javascript:alert(1)", "https://a.example/\u202e", "https://a b"]
)
def test_what_is_no_plain_address_is_none(link: str) -> None:
    assert page_link(an_emission(a_report(), "any").model_copy(update={"report_url": link})) is None

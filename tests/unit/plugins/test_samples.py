"""The samples in the READMEs of emitters are what their code makes."""

import json
import re
from itertools import zip_longest
from typing import Any

from alert_responder.contracts.report import Report
from alert_responder_plugins.pagerduty.message import trigger_event
from alert_responder_plugins.slack.markup import Block
from alert_responder_plugins.slack.message import message_of
from tests.fakes.reports import a_finding, a_report
from tools.paths import ROOT

VALUE = "198.51.100.7"


def sample_report(**fields: Any) -> Report:
    content = {
        "type": "host",
        "verdict": "malicious",
        "source": "our list",
        "link": f"https://lists.example.com/{VALUE}",
        "country": ["NL"],
        "related_domains": [{"name": "evil.example.net"}],
    }
    found = a_finding("reputation", contents=[content])
    return a_report(
        reason=f"{VALUE} is known for command and control.",
        overview={"severity": "Medium", "accounts": [{"id": "111122223333", "name": "shop"}], "regions": ["eu-west-1"]},
        findings=[found, a_finding("whois", outcome="timeout", reason="No answer within 60 s.")],
        **fields,
    )


def test_event_of_pagerduty() -> None:
    text = (ROOT / "modules" / "pagerduty" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    shown = json.loads(block)
    report = sample_report()

    assert shown.pop("event_action") == "trigger"
    assert shown.pop("dedup_key") == report.id
    assert shown == trigger_event(report, "critical", "secops")


def test_message_of_slack() -> None:
    text = (ROOT / "modules" / "slack" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"(?m)^    🔴(?:.*\n    )*.*", text)
    lines = [line[4:] for line in block.splitlines()]
    message = message_of(sample_report(alert_count=3, round=2))
    (attachment,) = message.content["attachments"]
    header, *above = message.content["blocks"]
    wanted = [header["text"]["text"], *(line.rstrip() for block in above for line in _lines(block))]
    wanted += [f"┃ {line}".rstrip() for block in attachment["blocks"] for line in _lines(block)]

    assert [line.rstrip() for line in lines] == wanted


def _lines(block: Block) -> list[str]:
    if "fields" in block:
        # Slack shows two in a row.
        halves = [field["text"].split("\n") for field in block["fields"]]
        pairs = zip_longest(halves[::2], halves[1::2], fillvalue=("", ""))
        return [f"{left:26}{right}" for one, other in pairs for left, right in zip(one, other, strict=True)]
    texts = [block["text"]] if "text" in block else block["elements"]
    return [line for text in texts for line in text["text"].split("\n")]

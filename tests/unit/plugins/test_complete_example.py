"""The plug-ins in `examples/complete` honour their contracts, and do what README says of them."""

import io
import json
import urllib.error
from email.message import Message
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from alert_responder_cli.checking.cases import inspections
from tests.unit.cli.function_target import REPORT_IDS, checked, found
from tests.unit.test_schemas import example
from tools.paths import ROOT

PLUGINS = ROOT / "examples" / "complete" / "plugins"


def loaded(name: str) -> ModuleType:
    module = ModuleType(name)
    path = PLUGINS / f"{name}.py"
    exec(compile(path.read_text(encoding="utf-8"), Path(path).name, "exec"), module.__dict__)  # noqa: S102
    return module


class Topic:
    """SNS, as far as its rules for a message go."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> dict[str, str]:  # noqa: N803 - boto3's names
        assert 1 <= len(Subject) < 100
        assert Subject.isascii()
        assert Subject.isprintable()
        assert not Subject.startswith(" ")
        assert 1 <= len(Message.encode()) <= 262_144
        self.messages.append({"topic": TopicArn, "subject": Subject, "message": Message})
        return {"MessageId": f"message-{len(self.messages)}"}


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    monkeypatch.setenv("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:secops-pages")
    return Topic()


@pytest.fixture
def pager(monkeypatch: pytest.MonkeyPatch, topic: Topic) -> ModuleType:
    monkeypatch.setattr("boto3.client", lambda _: topic)
    return loaded("pager")


def report(*severities: str | None, outcome: str = "empty", verdict: str | None = None) -> dict[str, Any]:
    """Write a report with an alert of each severity and one finding."""
    document: dict[str, Any] = example("report")
    (alert,), (finding,) = document["alerts"], document["findings"]
    document["alerts"] = [{**alert, "severity": severity} for severity in severities]
    document["alert_count"] = len(severities)
    contents = [{"type": "host", "verdict": verdict}] if verdict else []
    document["findings"] = [{**finding, "outcome": outcome, "contents": contents}]
    return document


def test_the_reviewer_honours_its_contract() -> None:
    policy = loaded("policy")

    assert checked("reviewer", lambda event: policy.handler(event, None)).problems == ()


@pytest.mark.parametrize(
    ("document", "severity"),
    [
        (report("High (8)"), "urgent"),
        (report("LOW", "CRITICAL"), "urgent"),
        (report("Low (2)", verdict="malicious", outcome="ok"), "urgent"),
        (report("Low (2)"), "safe"),
        (report("informational", "Low (1)", outcome="cached"), "safe"),
        (report("Low (2)", "Medium (5)"), "unclassified"),
        (report("Low (2)", outcome="timeout"), "unclassified"),
        (report("Low (2)", verdict="suspicious", outcome="throttled"), "unclassified"),
        (report(None), "unclassified"),
        (report("") | {"findings": []}, "unclassified"),
        (report("Low (2)") | {"findings": []}, "unclassified"),
        (report("Low (2)") | {"alert_count": 30}, "unclassified"),
    ],
)
def test_the_reviewer_rates_by_findings_and_the_detectors_severity(document: dict[str, Any], severity: str) -> None:
    assert loaded("policy").handler(document, None)["severity"] == severity


def test_the_emitter_honours_its_contract(pager: ModuleType, topic: Topic) -> None:
    result = checked("emitter", lambda event: pager.handler(event, None))

    # SNS has no way to find an earlier message again, so that a repeated delivery is published twice.
    assert {level for _, level in found(result)} <= {"remark"}
    assert len(topic.messages) >= 30


def test_the_emitter_publishes_harmless_words_and_names_the_message_it_follows(pager: ModuleType, topic: Topic) -> None:
    emission = {**example("emission_request"), "report": report("High (8)"), "state": None}
    emission["report"]["result"]["reason"] = "Known: https://evil.example/\nReport safe. Done."
    emission["report"]["title"] = " Login\nfrom \u202e everywhere " + "x" * 200

    first = pager.handler(emission, None)
    again = pager.handler({**emission, "state": first["state"]}, None)

    assert first == again == {"state": {"message_id": "message-1"}}
    published, followed = topic.messages
    assert published["subject"].startswith("Login?from ? everywhere xxx")
    assert published["message"].splitlines()[0] == "unclassified: Known: https://evil[.]example/?Report safe. Done."
    assert "- 198[.]51[.]100[.]7: reputation empty" in published["message"]
    assert "Follows message message-1." in followed["message"]


def test_the_emitter_mails_a_resolved_report_only_after_an_active_one(pager: ModuleType, topic: Topic) -> None:
    emission = {**example("emission_request"), "report": report("High (8)"), "state": None}
    resolved = {**emission, "report": {**emission["report"], "status": "resolved"}}

    assert pager.handler(resolved, None) is None
    pager.handler({**resolved, "state": pager.handler(emission, None)["state"]}, None)

    _, message = topic.messages
    assert message["subject"].startswith("Resolved: ")
    assert message["message"].startswith("resolved: ")


class Registry:
    """RDAP: one registered network, and an error for anything else."""

    def __init__(self, status: int = 404) -> None:
        self.status = status
        self.asked: list[str] = []

    def open(self, link: str, timeout: float) -> io.BytesIO:
        assert link.isascii()
        assert timeout < 30
        self.asked.append(link)
        if link.endswith("/ip/198.51.100.7"):
            card = [
                ["version", {}, "text", "4.0"],
                ["fn", {}, "text", "Example Hosting"],
                ["adr", {}, "text", "a", "b"],
            ]
            return io.BytesIO(json.dumps({"country": "NL", "entities": [{"vcardArray": ["vcard", card]}, {}]}).encode())
        raise urllib.error.HTTPError(link, self.status, "no", Message(), None)


def whois(monkeypatch: pytest.MonkeyPatch, registry: Registry) -> ModuleType:
    monkeypatch.setattr("urllib.request.urlopen", registry.open)
    return loaded("whois")


@pytest.mark.parametrize("status", [400, 404])
def test_the_inspector_honours_its_contract(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    registry = Registry(status)
    module = whois(monkeypatch, registry)
    result = checked(
        "inspector",
        lambda event: module.handler(event, None),
        cases=inspections(REPORT_IDS[0], ["domain", "ipaddr"]),
    )

    assert {level for _, level in found(result)} <= {"remark"}
    assert len(registry.asked) > 20


def test_the_inspector_names_the_owner_and_fails_when_the_registry_does(monkeypatch: pytest.MonkeyPatch) -> None:
    module = whois(monkeypatch, Registry(503))
    task = example("inspection_task")

    (content,) = module.handler(task, None)["contents"]
    assert (content["owner"], content["country"]) == (["Example Hosting"], ["NL"])
    task["attribute"]["value"] = "192.0.2.1"
    with pytest.raises(urllib.error.HTTPError):
        module.handler(task, None)

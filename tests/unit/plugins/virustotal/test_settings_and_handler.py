"""Settings and handler, without calls of VirusTotal."""

from typing import Any

import pytest

from alert_responder.plugin import Attribute, InspectionAnswer
from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.virustotal import handler as handling
from alert_responder_plugins.virustotal.api_call import QuotaExceededError
from alert_responder_plugins.virustotal.contents import Response
from alert_responder_plugins.virustotal.lookup import VirusTotalInspector
from alert_responder_plugins.virustotal.queries import RELATIONSHIPS, Question
from alert_responder_plugins.virustotal.settings import VirusTotalSettings

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:virustotal-a1b2c3"


def settings(**variables: str) -> VirusTotalSettings:
    return read_settings(VirusTotalSettings, {"API_KEY_SECRET_ARN": ARN, **variables})


def test_environment_as_the_module_sets_it() -> None:
    read = settings(
        BUDGET_SECONDS="40",
        FOLLOW_HASHES="true",
        HARMLESS_FROM="20",
        PREMIUM="false",
        RELATIONSHIPS="resolutions,urls",
        VENDORS="Alpha, Beta",
    )

    assert (read.budget_seconds, read.follow_hashes, read.harmless_from, read.premium) == (40, True, 20, False)
    assert (read.relationships, read.vendors) == (("resolutions", "urls"), ("Alpha", "Beta"))
    assert settings(RELATIONSHIPS="", VENDORS="").relationships == ()
    assert settings().relationships == RELATIONSHIPS


@pytest.mark.parametrize("url", ["https://www.virustotal.com", "https://gate.example.com:8443/", "http://127.0.0.1:80"])
def test_valid_addresses(url: str) -> None:
    assert settings(API_URL=url).api_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("API_URL", "http://www.virustotal.com", "must begin with https://"),
        ("API_URL", "http://127.0.0.1.example.com", "must begin with https://"),
        ("API_URL", "ftp://127.0.0.1", "must begin with https://"),
        ("API_URL", "https://example.com/api", "consist of scheme and host"),
        ("API_URL", "https://user@example.com", "consist of scheme and host"),
        ("API_URL", "www.virustotal.com", "consist of scheme and host"),
        ("API_KEY_SECRET_ARN", "", "at least 1 character"),
        ("RELATIONSHIPS", "resolutions,siblings", "must be some of resolutions, urls"),
        ("VENDORS", ",".join("abcdefghijk"), "at most 10 items"),
        ("MALICIOUS_FROM", "0", "greater than or equal to 1"),
        ("BUDGET_SECONDS", "841", "less than or equal to 840"),
    ],
)
def test_invalid_setting_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsFaultError, match=rf"{name}.*{message}"):
        settings(**{name: value})


class Answers:
    """A source that always returns or raises the same."""

    def __init__(self, what: Response | Exception | None) -> None:
        self.what = what
        self.asked: list[Question] = []

    def look_up(self, question: Question) -> Response | None:
        self.asked.append(question)
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


ADDRESS = Attribute(type="ipaddr", value="198.51.100.7")


def test_exceeded_quota_is_throttled() -> None:
    answer = VirusTotalInspector(settings(), Answers(QuotaExceededError("Quota exceeded."))).inspect(ADDRESS)

    assert answer == InspectionAnswer(throttled="Quota exceeded.")


def test_other_errors_are_raised() -> None:
    with pytest.raises(ReceiverFailedError):
        VirusTotalInspector(settings(), Answers(ReceiverFailedError("No answer."))).inspect(ADDRESS)


def test_settings_are_used_for_answers() -> None:
    stats = {"malicious": 4, "harmless": 60}
    source = Answers(Response({"attributes": {"last_analysis_stats": stats}}))
    answer = VirusTotalInspector(settings(MALICIOUS_FROM="5"), source).inspect(ADDRESS)

    assert answer
    assert answer.contents[0].verdict == "suspicious"
    assert source.asked[0].calls == 4


def test_unknown_and_unsupported_attributes_have_no_answer() -> None:
    source = Answers(None)
    asking = VirusTotalInspector(settings(), source)

    assert asking.inspect(ADDRESS) is None
    assert asking.inspect(Attribute(type="username", value="alice")) is None
    assert len(source.asked) == 1


def task(kind: str, value: str) -> dict[str, Any]:
    attribute: dict[str, Any] = {"type": kind, "key": "", "value": value, "context": [], "timestamp": None}
    alert = {"detector": "d", "rule_id": "r", "rule_name": "r", "alert_key": "", "description": "", "timestamp": None}
    return {
        "report_id": "01KG9Z9Q7R2D4B6C8E0FGHJKMN",
        "task_id": "virustotal/1",
        "inspector": "virustotal",
        "attribute": attribute,
        "alert": {**alert, "severity": None, "attributes": [attribute]},
        "depth": 0,
    }


def test_handler_reads_its_environment_when_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY_SECRET_ARN", raising=False)
    with pytest.raises(SettingsFaultError, match="API_KEY_SECRET_ARN"):
        handling.handler(task("username", "alice"), None)

    monkeypatch.setenv("API_KEY_SECRET_ARN", ARN)
    assert handling.handler(task("username", "alice"), None) is None
    handling._inspector.cache_clear()

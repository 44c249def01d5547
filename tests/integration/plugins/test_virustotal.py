"""The inspector `virustotal` against a simulated API."""

import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from alert_responder.domain.plugin_answers import read_inspection
from alert_responder.plugin import Attribute, InspectionAnswer, NoteContent
from alert_responder_plugins.common.errors import ReceiverFailedError, ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.virustotal import handler as handling
from alert_responder_plugins.virustotal.client import VirusTotal
from alert_responder_plugins.virustotal.lookup import VirusTotalInspector
from alert_responder_plugins.virustotal.settings import VirusTotalSettings
from tools.receivers.server import Fault, Serving
from tools.receivers.virustotal import Key, VirusTotalImitation, analysed, found_url, resolution, sample

ADDRESS, HOST, URL = "198.51.100.7", "evil.example.net", "http://evil.example.net/drop?id=1"
FILE = "ab" * 32
MD5 = "cd" * 16
DAY = 86_400
NOW = 1_769_900_000
BAD = {"Alpha": ("malicious", "Trojan.Test"), "Beta": ("malicious", "bad"), "Gamma": ("malicious", "Generic")}
CLEAN: dict[str, tuple[str, str | None]] = {f"Clean{number}": ("harmless", "clean") for number in range(12)}


class Secrets:
    """Secrets Manager with one secret."""

    def __init__(self, key: str) -> None:
        self.key = key

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": self.key}


class Time:
    """A clock that only waits advance."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def digest(number: int) -> str:
    return f"{number:064x}"


def world(*, premium: bool = True, per_minute: int | None = None) -> VirusTotalImitation:
    imitation = VirusTotalImitation({"good-key": Key(premium, per_minute)}, clock=lambda: NOW)
    samples = {
        "communicating_files": [sample(digest(number), NOW - number * DAY, BAD) for number in range(1, 8)],
        "downloaded_files": [sample(digest(20), NOW, BAD), sample(digest(21), NOW, CLEAN)],
        "referrer_files": [sample(digest(1), NOW, BAD)],
    }
    imitation.know(
        "ip_addresses",
        ADDRESS,
        analysed(NOW, BAD | CLEAN, as_owner="Example Networks", country="NL"),
        {
            **samples,
            "resolutions": [resolution(f"h{day}.example.net", ADDRESS, NOW - day * DAY) for day in range(12, 0, -1)],
            "urls": [found_url(f"http://{ADDRESS}/{day}", NOW - day * DAY, BAD) for day in range(1, 8)]
            + [found_url(f"http://{ADDRESS}/clean", NOW, CLEAN)],
        },
    )
    addresses = [resolution(HOST, f"198.51.100.{day}", NOW - day * DAY) for day in range(1, 12)]
    imitation.know("domains", HOST, analysed(NOW, CLEAN, registrar="R"), {**samples, "resolutions": addresses})
    imitation.know("urls", URL, analysed(NOW, {"Alpha": ("suspicious", "phishing")}, title="Log in"), samples)
    named = {"sha256": FILE, "md5": MD5, "meaningful_name": "invoice.exe", "size": 7}
    imitation.know("files", FILE, analysed(NOW, BAD | {"Delta": ("undetected", None)}, **named))
    return imitation


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving(world()) as server:
        yield server


@pytest.fixture
def clock() -> Time:
    return Time()


def inspector(server: Serving, clock: Time, secrets: Secrets | None = None, **settings: Any) -> VirusTotalInspector:
    read = VirusTotalSettings(secret_arn="arn", api_url=server.url, **{"premium": True, **settings})
    secret = Secret(cast(Any, secrets or Secrets("good-key")), "arn")
    return VirusTotalInspector(read, VirusTotal(secret, read.api_url, read.budget_seconds, clock, clock.sleep))


def look_up(server: Serving, clock: Time, kind: str, value: str, **settings: Any) -> dict[str, Any]:
    answer = inspector(server, clock, **settings).inspect(Attribute(type=kind, value=value, context=("remote",)))
    assert isinstance(answer, InspectionAnswer)
    return answer.model_dump(mode="json")


def paths(server: Serving) -> list[str]:
    return [asked.path for asked in server.asked]


def test_answer_for_an_address_contains_the_same_facts_as_the_predecessor(serving: Serving, clock: Time) -> None:
    answer = look_up(serving, clock, "ipaddr", ADDRESS, vendors=("Alpha", "beta", "Missing"))
    host, analysis = answer["contents"]

    assert (host["type"], host["verdict"], host["source"]) == ("host", "malicious", "VirusTotal")
    assert (host["as_owner"], host["country"], host["ipaddr"]) == (["Example Networks"], ["NL"], [ADDRESS])
    assert host["link"] == f"https://www.virustotal.com/gui/ip-address/{ADDRESS}"
    assert [each["name"] for each in host["related_domains"]] == [f"h{day}.example.net" for day in range(1, 9)]
    assert host["related_domains"][0]["timestamp"] == "2026-01-30T22:53:20Z"
    assert [each["url"] for each in host["related_urls"]] == [f"http://{ADDRESS}/{day}" for day in range(1, 6)]
    assert host["related_urls"][0]["source"] == "VirusTotal: 3 of 3 engines"
    assert [(each["relation"], each["sha256"]) for each in host["related_malware"]] == [
        *(("communicating", digest(number)) for number in range(1, 6)),
        ("downloaded", digest(20)),
        ("referrer", digest(1)),
    ]
    assert host["related_malware"][0]["scans"] == [
        {"vendor": "Alpha", "name": "Trojan.Test", "positive": True, "source": "VirusTotal"},
        {"vendor": "beta", "name": "bad", "positive": True, "source": "VirusTotal"},
    ]
    assert analysis["text"] == "3 of 15 engines rate it malicious, 0 suspicious, 12 harmless; 0 found nothing."
    assert answer["new_attributes"] == []
    assert len(serving.asked) == 6


def test_answer_for_a_domain_contains_its_newest_addresses(serving: Serving, clock: Time) -> None:
    host, analysis = look_up(serving, clock, "domain", "EVIL[.]example.net")["contents"]

    assert (host["verdict"], host["hostname"]) == ("harmless", [HOST])
    assert host["ipaddr"] == [f"198.51.100.{day}" for day in range(1, 9)]
    assert host["link"] == f"https://www.virustotal.com/gui/domain/{HOST}"
    assert analysis["data"]["registrar"] == "R"


def test_url_is_looked_up_by_its_identifier_without_login(serving: Serving, clock: Time) -> None:
    written = "hxxp://alice:secret@EVIL.example.net/drop?id=1#part"
    host, analysis = look_up(serving, clock, "url", written)["contents"]

    assert (host["verdict"], analysis["data"]["page_title"]) == ("suspicious", "Log in")
    assert {each["relation"] for each in host["related_malware"]} == {"communicating", "downloaded", "referrer"}
    assert host["link"].startswith("https://www.virustotal.com/gui/url/")
    assert len(host["link"].rpartition("/")[2]) == 64


@pytest.mark.parametrize("value", [FILE.upper(), MD5])
def test_file_is_looked_up_by_any_digest(serving: Serving, clock: Time, value: str) -> None:
    binary, analysis = look_up(serving, clock, "filehashvalue", value, vendors=("Alpha", "Delta"))["contents"]

    assert (binary["type"], binary["verdict"]) == ("binary", "malicious")
    assert binary["link"] == f"https://www.virustotal.com/gui/file/{FILE}"
    (malware,) = binary["related_malware"]
    assert (malware["sha256"], malware["relation"]) == (FILE, "the file itself")
    assert [(scan["vendor"], scan["positive"]) for scan in malware["scans"]] == [("Alpha", True), ("Delta", False)]
    assert analysis["data"]["file_name"] == "invoice.exe"
    assert paths(serving) == [f"/api/v3/files/{value.lower()}"]


def test_hashes_of_samples_are_followed_if_configured(serving: Serving, clock: Time) -> None:
    found = look_up(serving, clock, "ipaddr", ADDRESS, follow_hashes=True)["new_attributes"]

    assert [each["value"] for each in found] == [digest(number) for number in (1, 2, 3, 4, 5, 20)]
    assert {each["type"] for each in found} == {"filehashvalue"}
    assert found[0]["key"] == "sample that communicates with it"


def test_public_key_makes_only_permitted_requests(clock: Time) -> None:
    with Serving(world(premium=False, per_minute=4)) as server:
        answer = look_up(server, clock, "ipaddr", ADDRESS, premium=False)

        assert [path.rpartition("/")[2] for path in paths(server)] == [
            ADDRESS,
            "resolutions",
            "communicating_files",
            "referrer_files",
        ]
        assert [content["type"] for content in answer["contents"]] == ["host", "note"]


def test_public_key_requests_no_relationships_of_a_url(serving: Serving, clock: Time) -> None:
    look_up(serving, clock, "url", URL, premium=False)

    assert len(serving.asked) == 1


def test_unknown_object_has_no_answer(serving: Serving, clock: Time) -> None:
    unknown = inspector(serving, clock).inspect(Attribute(type="ipaddr", value="203.0.113.9"))

    assert unknown is None
    assert len(serving.asked) == 1


def test_exceeded_quota_is_throttled_at_once(clock: Time) -> None:
    with Serving(world(per_minute=0)) as server:
        answer = inspector(server, clock).inspect(Attribute(type="ipaddr", value=ADDRESS))

    assert answer == InspectionAnswer(
        throttled="A quota of VirusTotal is exceeded (429, QuotaExceededError: Quota exceeded)."
    )
    assert clock.waits == []


def test_quota_exceeded_during_a_lookup_is_noted(clock: Time) -> None:
    with Serving(world(per_minute=3)) as server:
        answer = look_up(server, clock, "ipaddr", ADDRESS)

        assert len(server.asked) == 4  # The refused one is the last.
    host, _, note = answer["contents"]
    assert answer["incomplete"] == "A quota of VirusTotal is exceeded (429, QuotaExceededError: Quota exceeded)."
    assert (host["verdict"], len(host["related_domains"]), host["related_malware"]) == ("malicious", 8, [])
    assert note["title"] == "Incomplete"
    assert note["text"] == (
        "Missing: communicating_files, downloaded_files, referrer_files. "
        "A quota of VirusTotal is exceeded (429, QuotaExceededError: Quota exceeded)."
    )
    assert note["data"] == {"missing": ["communicating_files", "downloaded_files", "referrer_files"]}


def test_only_a_short_retry_after_is_waited_for(serving: Serving, clock: Time) -> None:
    refused = json.dumps({"error": {"code": "TooManyRequestsError", "message": "\u202eslow \N{BELL}down"}})
    headers = {"Content-Type": "application/json"}
    serving.strike(Fault(429, refused, headers | {"Retry-After": "7"}))
    assert look_up(serving, clock, "ipaddr", ADDRESS)["throttled"] is None
    assert clock.waits == [7]

    serving.strike(Fault(429, refused, headers | {"Retry-After": "3600"}))
    throttled = look_up(serving, clock, "ipaddr", ADDRESS)["throttled"]
    assert throttled == "A quota of VirusTotal is exceeded (429, TooManyRequestsError: ?slow ?down)."
    assert clock.waits == [7]


@pytest.mark.parametrize("fault", [Fault(503), Fault(500, "<html>"), Fault(0), Fault(504, delay=0.01)])
def test_temporary_failures_are_retried(serving: Serving, clock: Time, fault: Fault) -> None:
    serving.strike(fault, fault)

    assert look_up(serving, clock, "ipaddr", ADDRESS)["contents"][0]["verdict"] == "malicious"
    assert len(serving.asked) == 8


def test_permanent_failures_are_errors(serving: Serving, clock: Time) -> None:
    serving.strike(*[Fault(503, '{"error": {"code": "TransientError", "message": "x"}}')] * 3)

    with pytest.raises(ReceiverFailedError, match=r"^VirusTotal failed \(503\)\.$"):
        look_up(serving, clock, "ipaddr", ADDRESS)


def test_failed_relationship_does_not_affect_the_others(serving: Serving, clock: Time) -> None:
    serving.strike(*[Fault(500, path="/resolutions")] * 3, Fault(403, path="/urls"))
    host, _, note = look_up(serving, clock, "ipaddr", ADDRESS)["contents"]

    assert len(host["related_malware"]) == 7
    assert note["text"] == (
        "Missing: resolutions. VirusTotal failed (500).\nMissing: urls. The API key does not permit this request (403)."
    )


def test_no_response_within_the_time_limit_is_an_error(serving: Serving, clock: Time) -> None:
    serving.strike(*[Fault(503, headers={"Retry-After": "2"})] * 3)

    with pytest.raises(ReceiverFailedError):
        look_up(serving, clock, "ipaddr", ADDRESS, budget_seconds=3)
    assert clock.waits == [2]


def test_lookup_ends_with_its_time_limit(serving: Serving) -> None:
    serving.strike(Fault(503, delay=1.5))
    read = VirusTotalSettings(secret_arn="arn", api_url=serving.url, budget_seconds=1)
    source = VirusTotal(Secret(cast(Any, Secrets("good-key")), "arn"), read.api_url, read.budget_seconds)

    with pytest.raises(ReceiverFailedError, match="did not answer"):
        VirusTotalInspector(read, source).inspect(Attribute(type="ipaddr", value=ADDRESS))


def test_rotated_key_is_read_again_once(clock: Time) -> None:
    imitation, secrets = world(), Secrets("good-key")
    with Serving(imitation) as server:
        asking = inspector(server, clock, secrets)
        assert asking.inspect(Attribute(type="ipaddr", value=ADDRESS))
        imitation.revoke("good-key")
        imitation.grant("new-key", Key(premium=True))
        secrets.key = "new-key"

        assert asking.inspect(Attribute(type="ipaddr", value=ADDRESS))


def test_error_about_a_wrong_key_does_not_contain_it(serving: Serving, clock: Time) -> None:
    with pytest.raises(SettingsFaultError) as caught:
        inspector(serving, clock, Secrets("wrong-key")).inspect(Attribute(type="ipaddr", value=ADDRESS))

    assert str(caught.value) == (
        "VirusTotal rejected the API key (401, WrongCredentialsError: Wrong API key); store a valid one in the secret."
    )
    assert len(serving.asked) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error": {"code": "InvalidArgumentError", "message": "no"}}'),
        (403, ""),
        (422, "[]"),
        (400, "{"),
        (404, "{}"),
        (404, '{"error": {"code": "NoRouteError", "message": "of a gateway"}}'),
    ],
)
def test_rejected_request_is_not_retried(serving: Serving, clock: Time, status: int, body: str) -> None:
    serving.strike(Fault(status, body, {"Content-Type": "application/json"}))

    with pytest.raises(ReceiverRefusedError, match=str(status)):
        look_up(serving, clock, "ipaddr", ADDRESS)
    assert len(serving.asked) == 1


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '{"data": 1}', "\ufffd"])
def test_invalid_response_is_an_error(serving: Serving, clock: Time, body: str) -> None:
    serving.strike(Fault(200, body, {"Content-Type": "application/json"}))

    with pytest.raises(ReceiverFailedError, match="response is invalid"):
        look_up(serving, clock, "ipaddr", ADDRESS)


@pytest.mark.parametrize("key", ["a key", "two\nlines", '{"key": "x"}', "k\N{COMBINING ACUTE ACCENT}y"])
def test_error_about_an_invalid_secret_does_not_contain_it(serving: Serving, clock: Time, key: str) -> None:
    with pytest.raises(SettingsFaultError, match="must be an API key") as caught:
        inspector(serving, clock, Secrets(key)).inspect(Attribute(type="ipaddr", value=ADDRESS))
    assert key not in str(caught.value)
    assert serving.asked == []


def test_key_in_a_response_is_not_reported(serving: Serving, clock: Time) -> None:
    body = json.dumps({"error": {"code": "ForbiddenError", "message": "good-key may not"}})
    serving.strike(Fault(403, body, {"Content-Type": "application/json"}))

    with pytest.raises(ReceiverRefusedError, match=r"\*\*\* may not"):
        look_up(serving, clock, "ipaddr", ADDRESS)


@pytest.fixture
def function(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the function's environment as the module does; the secret contains the key as a field."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        client = boto3.client("secretsmanager")
        arn = client.create_secret(Name="virustotal", SecretString='{"key": "good-key\\n"}')["ARN"]
        variables = {"API_KEY_SECRET_ARN": arn, "API_KEY_SECRET_FIELD": "key", "API_URL": serving.url}
        for name, value in {**variables, "VENDORS": "Alpha", "BUDGET_SECONDS": "20"}.items():
            monkeypatch.setenv(name, value)
        handling._inspector.cache_clear()
        yield
        handling._inspector.cache_clear()


@pytest.mark.usefixtures("function")
def test_function_from_task_to_answer(serving: Serving, capfd: pytest.CaptureFixture[str]) -> None:
    attribute = {"type": "ipaddr", "key": "source", "value": ADDRESS, "context": ["remote"], "timestamp": None}
    alert = {"detector": "d", "rule_id": "r", "rule_name": "r", "alert_key": "", "description": "", "timestamp": None}
    task = {"report_id": "r", "task_id": "t", "inspector": "virustotal", "attribute": attribute, "depth": 0}
    event = {**task, "alert": {**alert, "severity": None, "attributes": [attribute]}}
    answer = handling.handler(event, None)

    kept = read_inspection(json.dumps(answer).encode())
    assert (kept.contents[0].verdict, len(serving.asked)) == ("malicious", 4)
    assert "good-key" not in json.dumps(answer) + "".join(capfd.readouterr())

    serving.strike(Fault(429, "{}", {"Content-Type": "application/json"}))
    assert handling.handler(event, None) == {"throttled": "A quota of VirusTotal is exceeded (429)."}


def test_object_of_another_form_is_unknown(serving: Serving, clock: Time) -> None:
    serving.strike(Fault(200, '{"data": {"attributes": {"as_owner": [1]}}}', {"Content-Type": "application/json"}))
    host, analysis = look_up(serving, clock, "ipaddr", ADDRESS, relationships=("resolutions",))["contents"]

    assert (host["verdict"], host["as_owner"]) == ("unknown", [])
    assert isinstance(NoteContent.model_validate(analysis), NoteContent)
    assert analysis["text"] == "VirusTotal has no analysis by engines."


def test_only_the_key_and_the_value_are_sent(serving: Serving, clock: Time) -> None:
    look_up(serving, clock, "filehashvalue", FILE)
    (asked,) = serving.asked

    assert (asked.method, asked.path, asked.query, asked.body) == ("GET", f"/api/v3/files/{FILE}", "", b"")
    assert asked.headers["X-Apikey"] == "good-key"
    assert set(asked.headers.keys()) == {"Host", "X-Apikey", "Accept-Encoding", "User-Agent", "Accept"}

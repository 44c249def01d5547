"""The emitter `github` against a simulated GitHub."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import time as clock_time
from typing import Any

import boto3
import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from moto import mock_aws

from alert_responder.contracts.report import EmissionAnswer, Report
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverFailedError, ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.common.http import HttpClient
from alert_responder_plugins.github import handler
from alert_responder_plugins.github.deliver import GithubEmitter
from alert_responder_plugins.github.tracker_factory import TrackerFactory
from tests.fakes.delivery_log import MemoryDeliveryLog
from tests.fakes.reports import a_finding, a_report, an_emission
from tools.receivers.github import Github
from tools.receivers.server import Fault, Serving

TOKEN = "github_pat_imitation"
OPENED = datetime(2026, 2, 1, 0, 0, 1, tzinfo=UTC)
MALICIOUS = a_finding(contents=[{"type": "host", "verdict": "malicious", "source": "our list"}])
NEWER = a_finding("sandbox", contents=[{"type": "note", "title": "seen in a sandbox"}])


class Time:
    """A clock that advances when code sleeps; GitHub and the emitter share it."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 1))
        self.passed += seconds

    def date(self) -> datetime:
        return OPENED + timedelta(seconds=self.passed)


@dataclass
class Secret:
    text: str = TOKEN
    forgotten: int = 0

    def value(self) -> str:
        return self.text

    def forget(self) -> None:
        self.forgotten += 1


@dataclass
class Stage:
    """The emitter, its repository, and the network between them."""

    github: Github
    serving: Serving
    time: Time
    secret: Secret = field(default_factory=Secret)
    log: MemoryDeliveryLog = field(default_factory=MemoryDeliveryLog)
    repository: str = "example/incidents"

    def emitter(self) -> GithubEmitter:
        url = self.serving.url + self.github.prefix
        secret: Any = self.secret
        deadline = Deadline(22, clock=self.time, sleep=self.time.sleep)
        factory = TrackerFactory(url, self.repository, secret, deadline, seconds_between_writes=0)
        return GithubEmitter(
            f"{url}/{self.repository}",
            "severity: ",
            self.log,
            factory.open,
            factory.forget_secret,
            deadline,
        )

    def deliver(self, report: Report, state: Any = None) -> EmissionAnswer:
        return self.emitter().deliver(an_emission(report, "github", state))

    @property
    def issue(self) -> dict[str, Any]:
        (issue,) = self.github.issues
        return issue

    @property
    def comments(self) -> list[str]:
        return [comment["body"] for comment in self.github.comments.get(1, [])]

    def requests(self) -> list[str]:
        return [f"{asked.method} {asked.path.removeprefix('/repos/example/incidents')}" for asked in self.serving.asked]


@pytest.fixture
def stage() -> Iterator[Stage]:
    time = Time()
    github = Github(clock=time.date)
    with Serving(github) as serving:
        yield Stage(github, serving, time)


# A resolved report.


def test_issue_of_a_resolved_report_is_closed_and_reopened_when_active_again(stage: Stage) -> None:
    first = stage.deliver(a_report())
    second = stage.deliver(a_report(status="resolved", id="1" * 26), first.state)
    assert stage.issue["title"] == "Resolved: `Login from a new address`"
    assert (stage.issue["state"], stage.issue["state_reason"]) == ("closed", "completed")
    stage.deliver(a_report(id="2" * 26), second.state)

    assert (stage.issue["title"], stage.issue["state"]) == ("urgent: `Login from a new address`", "open")
    assert [body.splitlines()[1] for body in stage.comments] == [
        "## Round 1: urgent",
        "## Round 1: resolved, according to the detector",
        "## Round 1: urgent",
    ]


def test_resolved_report_without_an_issue_opens_none(stage: Stage) -> None:
    assert stage.deliver(a_report(status="resolved")) == EmissionAnswer()
    assert stage.requests() == []


def test_issue_that_somebody_closed_is_reopened_by_the_next_report(stage: Stage) -> None:
    first = stage.deliver(a_report())
    stage.issue["state"] = "closed"
    stage.deliver(a_report(id="1" * 26, previous_report_id=a_report().id), first.state)

    assert stage.issue["state"] == "open"


# Three rounds.


def test_report_is_one_issue_with_one_comment_for_each_round(stage: Stage) -> None:
    first = stage.deliver(a_report("unclassified", findings=[MALICIOUS], reason="Not known."))
    second = stage.deliver(a_report("urgent", findings=[MALICIOUS, NEWER], round=2), first.state)
    third = stage.deliver(a_report("safe", findings=[MALICIOUS, NEWER], round=3, reason="A test."), second.state)

    assert first.url == second.url == third.url == "https://github.com/example/incidents/issues/1"
    assert stage.issue["title"] == "safe: `Login from a new address`"
    assert (stage.issue["state"], stage.issue["state_reason"]) == ("closed", "completed")
    assert stage.issue["labels"] == ["severity: safe"]
    assert "A test[.]" not in stage.issue["body"]
    assert "A test." in stage.issue["body"]
    heads = [body.splitlines()[1] for body in stage.comments]
    assert heads == [
        "## Round 1: unclassified",
        "## Round 2: urgent (was unclassified)",
        "## Round 3: safe (was urgent)",
    ]
    assert "`our list`" in stage.comments[0]
    assert "our list" not in stage.comments[1]
    assert "seen in a sandbox" in stage.comments[1]
    assert "No new findings.\n\nUnchanged since earlier comments: 2 lookups." in stage.comments[2]


def test_requests_of_a_first_and_a_later_round(stage: Stage) -> None:
    first = stage.deliver(a_report("urgent"))
    before = len(stage.serving.asked)
    stage.deliver(a_report("urgent", round=2, findings=[NEWER]), first.state)

    assert stage.requests()[:before] == [
        "GET /labels/severity: urgent",
        "POST /labels",
        "POST /issues",
        "POST /issues/1/comments",
    ]
    assert stage.requests()[before:] == [
        "GET /labels/severity: urgent",
        "GET /issues/1",
        "PATCH /issues/1",
        "POST /issues/1/comments",
    ]
    assert stage.github.labels["severity: urgent"]["color"] == "b60205"


def test_closed_issue_is_reopened_when_the_severity_is_worse(stage: Stage) -> None:
    first = stage.deliver(a_report("safe"))
    assert stage.issue["state"] == "closed"
    second = stage.deliver(a_report("urgent", round=2), first.state)
    assert (stage.issue["state"], stage.issue["state_reason"]) == ("open", "reopened")

    stage.github.close(1)
    stage.deliver(a_report("urgent", round=3, findings=[NEWER]), second.state)

    assert stage.issue["state"] == "closed"
    assert len(stage.comments) == 3


def test_other_labels_stay(stage: Stage) -> None:
    first = stage.deliver(a_report("urgent"))
    stage.github.labels["vpn"] = {"name": "vpn", "color": "ededed", "description": None}
    stage.issue["labels"].append("vpn")
    stage.deliver(a_report("safe", round=2), first.state)

    assert stage.issue["labels"] == ["severity: safe", "vpn"]


def test_deleted_issue_is_created_again(stage: Stage) -> None:
    first = stage.deliver(a_report("urgent"))
    stage.github.delete(1)
    second = stage.deliver(a_report("urgent", round=2), first.state)

    assert second.url == "https://github.com/example/incidents/issues/2"
    assert "our list" in stage.github.comments[2][0]["body"]


def test_enterprise_server(stage: Stage) -> None:
    stage.github.prefix = "/api/v3"
    stage.deliver(a_report("urgent"))

    assert len(stage.comments) == 1


# There is one issue and one comment, whatever is lost.

LOST = {
    "reset": Fault(0, acted=True),
    "bad gateway": Fault(502, acted=True),
    "too late": Fault(504, acted=True, body="<html>"),
    "garbage": Fault(201, acted=True, body="{"),
}
NOT_TAKEN = {"reset": Fault(0), "bad gateway": Fault(502), "unavailable": Fault(503, headers={"Retry-After": "1"})}


@pytest.mark.parametrize("path", ["/issues", "/comments"])
@pytest.mark.parametrize("name", LOST)
def test_response_to_a_write_is_lost(stage: Stage, name: str, path: str) -> None:
    fault = LOST[name]
    stage.serving.strike(Fault(fault.status, fault.body, fault.headers, fault.acted, path=path))
    answer = stage.deliver(a_report("urgent"))

    assert answer.url == "https://github.com/example/incidents/issues/1"
    assert stage.issue["number"] == 1
    assert len(stage.comments) == 1


@pytest.mark.parametrize("path", ["/issues", "/comments"])
@pytest.mark.parametrize("name", NOT_TAKEN)
def test_write_did_not_arrive(stage: Stage, name: str, path: str) -> None:
    fault = NOT_TAKEN[name]
    stage.serving.strike(Fault(fault.status, fault.body, fault.headers, path=path))
    stage.deliver(a_report("urgent"))

    assert stage.issue["number"] == 1
    assert len(stage.comments) == 1
    # After GitHub has ended the request.
    assert sum(stage.time.slept) >= 11


def test_failed_write_has_ended_before_it_is_reported(stage: Stage) -> None:
    """The next attempt can rely on what it finds, however late the write was sent."""
    stage.serving.strike(Fault(429, headers={"Retry-After": "11"}, path="/labels/"), *[Fault(0, path="/issues")] * 9)
    with pytest.raises(ReceiverFailedError):
        stage.deliver(a_report("urgent"))

    assert stage.time.passed == pytest.approx(11 + 11)


@pytest.mark.parametrize("lost_at", range(1, 5))
@pytest.mark.parametrize("acted", [True, False])
def test_next_attempt_of_the_same_delivery(stage: Stage, lost_at: int, acted: bool) -> None:
    """The function ends after any of its requests; the next attempt finds what it created."""
    stops = _Stopping(stage, lost_at, acted)
    with pytest.raises(KeyboardInterrupt), stops:
        stage.deliver(a_report("urgent"))
    answer = stage.deliver(a_report("urgent"))

    assert answer.url == "https://github.com/example/incidents/issues/1"
    assert stage.issue["number"] == 1
    assert len(stage.comments) == 1
    assert stage.deliver(a_report("urgent")) == answer


def test_completion_is_not_recorded(stage: Stage) -> None:
    stage.log.loses_completions = True
    with pytest.raises(ConnectionError):
        stage.deliver(a_report("urgent"))
    stage.log.loses_completions = False
    stage.deliver(a_report("urgent"))

    assert stage.issue["number"] == 1
    assert len(stage.comments) == 1


def test_state_of_an_earlier_round_is_lost(stage: Stage) -> None:
    stage.deliver(a_report("urgent"))
    stage.deliver(a_report("urgent", round=2), None)

    assert stage.issue["number"] == 1
    assert len(stage.comments) == 2


def test_issue_is_found_among_hundreds(stage: Stage) -> None:
    stage.deliver(a_report("urgent"))
    template = stage.issue
    stage.github.issues += [{**template, "number": number, "body": "other"} for number in range(2, 252)]
    stage.deliver(a_report("urgent", round=2), None)

    assert len(stage.github.issues) == 251
    assert len(stage.comments) == 2
    assert stage.requests().count("GET /issues") == 3


def test_markers_of_other_authors_are_ignored(stage: Stage) -> None:
    stage.deliver(a_report("urgent"))
    marker = stage.comments[0].splitlines()[0]
    stage.github.comments[1].clear()
    stage.github.add_comment(1, f"{marker}\ncopied")
    stage.github.issues.append({**stage.issue, "number": 2})
    stage.log.lose_answers()
    answer = stage.deliver(a_report("urgent"))

    assert answer.url == "https://github.com/example/incidents/issues/1"
    assert [comment["user"] for comment in stage.github.comments[1]] == [2, 1]


class _Stopping:
    """Ends the emitter before or after its n-th request."""

    def __init__(self, stage: Stage, number: int, acted: bool) -> None:
        self._github, self._number, self._acted = stage.github, number, acted

    def __enter__(self) -> None:
        self._send = send = HttpClient.send
        seen = 0

        def stopping(*arguments: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == self._number and not self._acted:
                raise KeyboardInterrupt
            answer = send(*arguments)
            if seen == self._number:
                raise KeyboardInterrupt
            return answer

        HttpClient.send = stopping  # type: ignore[assignment,method-assign]

    def __exit__(self, *_: object) -> None:
        HttpClient.send = self._send  # type: ignore[method-assign]


# Rate limits and rejections.

SECONDARY = '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
PRIMARY = '{"message": "API rate limit exceeded for user ID 1."}'


@pytest.mark.parametrize("path", ["/labels/", "/issues", "/comments"])
@pytest.mark.parametrize(
    ("status", "body"), [(403, SECONDARY), (429, SECONDARY), (429, "")], ids=["403", "429", "429 without words"]
)
def test_rate_limit_is_retried_after_the_demanded_wait(stage: Stage, status: int, body: str, path: str) -> None:
    stage.serving.strike(Fault(status, body, {"Retry-After": "3"}, path=path))
    stage.deliver(a_report("urgent"))

    assert stage.time.slept == [3.0]
    assert len(stage.comments) == 1


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (403, SECONDARY, {"Retry-After": "60"}),
        (429, SECONDARY, {"Retry-After": "60"}),
        (403, SECONDARY, {}),
        (429, "", {}),
        (429, "", {"Retry-After": "soon"}),
        (429, "", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}),
        (403, PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}),
    ],
)
@pytest.mark.parametrize("path", ["/labels/", "/issues", "/comments"])
def test_rate_limit_with_a_long_wait_fails_the_attempt(
    stage: Stage, status: int, body: str, headers: dict[str, str], path: str
) -> None:
    stage.serving.strike(Fault(status, body, headers, path=path))
    with pytest.raises(ReceiverFailedError, match="time limit of the delivery would be exceeded"):
        stage.deliver(a_report("urgent"))
    stage.deliver(a_report("urgent"))

    assert stage.issue["number"] == 1
    assert len(stage.comments) == 1


@pytest.mark.parametrize("status", [403, 429])
def test_rate_limit_is_retried_after_its_reset(stage: Stage, status: int) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(clock_time()) + 3)}
    stage.serving.strike(Fault(status, PRIMARY, headers, path="/issues"))
    stage.deliver(a_report("urgent"))

    (slept,) = stage.time.slept
    assert 2 <= slept <= 4
    assert len(stage.comments) == 1


def test_github_never_answers(stage: Stage) -> None:
    stage.serving.strike(*[Fault(502)] * 40)
    with pytest.raises(ReceiverFailedError):
        stage.deliver(a_report("urgent"))

    assert stage.time.passed <= 22
    assert stage.github.issues == []


def test_reads_and_updates_are_retried(stage: Stage) -> None:
    first = stage.deliver(a_report("urgent"))
    stage.serving.strike(Fault(500, path="/issues/1"), Fault(0, path="/issues/1"), Fault(503, path="/issues/1"))
    stage.deliver(a_report("safe", round=2), first.state)

    assert stage.issue["state"] == "closed"
    assert len(stage.comments) == 2


def test_wrong_token(stage: Stage) -> None:
    stage.secret.text = "github_pat_canary"
    with pytest.raises(SettingsFaultError, match=r"401.*expired or was revoked") as caught:
        stage.deliver(a_report("urgent"))

    assert "canary" not in str(caught.value)
    assert stage.secret.forgotten == 1
    stage.secret.text = TOKEN
    stage.deliver(a_report("urgent"))
    assert len(stage.comments) == 1


def test_token_without_write_permission(stage: Stage) -> None:
    stage.github.can_write = False
    with pytest.raises(ReceiverRefusedError, match=r"403.*Issues \(read and write\)"):
        stage.deliver(a_report("urgent"))


def test_unknown_repository(stage: Stage) -> None:
    stage.repository = "example/other"
    with pytest.raises(ReceiverRefusedError, match=r"404.*repository does not exist"):
        stage.deliver(a_report("urgent"))


def test_issues_are_disabled(stage: Stage) -> None:
    stage.github.has_issues = False
    with pytest.raises(ReceiverRefusedError, match=r"410.*disabled"):
        stage.deliver(a_report("urgent"))


def test_invalid_fields_are_named_without_text_of_github(stage: Stage) -> None:
    fault = '{"errors": [{"field": "body", "code": "custom", "message": "@octocat"}, {"field": "<b>"}, 7]}'
    stage.serving.strike(Fault(422, fault, path="/issues"))
    with pytest.raises(ReceiverRefusedError, match=r"422.*request is invalid: body custom") as caught:
        stage.deliver(a_report("urgent"))

    assert "octocat" not in str(caught.value)
    assert "<b>" not in str(caught.value)


def test_locked_issue(stage: Stage) -> None:
    first = stage.deliver(a_report("urgent"))
    stage.issue["locked"] = True
    with pytest.raises(ReceiverRefusedError, match="403"):
        stage.deliver(a_report("urgent", round=2), first.state)


def test_label_cannot_be_created(stage: Stage) -> None:
    stage.serving.strike(Fault(404, '{"message": "Not Found"}', path="/labels/"), Fault(403, "{}", path="/labels"))
    stage.deliver(a_report("urgent"))

    assert stage.issue["labels"] == ["severity: urgent"]


def test_redirect_to_another_host_is_not_followed(stage: Stage) -> None:
    stage.serving.strike(Fault(301, headers={"Location": "http://localhost:1/steal"}, path="/labels/"))
    with pytest.raises(ReceiverRefusedError, match="redirects to another address"):
        stage.deliver(a_report("urgent"))


@pytest.mark.parametrize("status", [301, 307])
def test_redirect_of_a_renamed_repository_is_followed(stage: Stage, status: int) -> None:
    stage.repository = "example/former"
    for path in ("/labels/severity%3A%20urgent", "/labels", "/issues", "/issues/1/comments"):
        moved = {"Location": f"{stage.serving.url}/repos/example/incidents{path}"}
        stage.serving.strike(Fault(status, headers=moved, path=f"/former{path.partition('%')[0]}"))
    stage.deliver(a_report("urgent"))

    assert len(stage.comments) == 1


def test_next_page_on_another_host_is_not_requested(stage: Stage) -> None:
    link = {"Link": '<http://localhost:1/steal>; rel="next"'}
    stage.serving.strike(Fault(200, "[]", link, path="/issues"))
    with pytest.raises(ReceiverRefusedError, match="redirects to another address"):
        stage.deliver(a_report("urgent", round=2))


@pytest.mark.parametrize("body", ['{"number": "x"}', "[]", "null", '{"number": 1}'])
def test_response_of_another_form_is_an_error(stage: Stage, body: str) -> None:
    first = stage.deliver(a_report("urgent"))
    stage.serving.strike(Fault(200, body, path="/issues/1"))
    with pytest.raises(ReceiverFailedError, match="response is invalid"):
        stage.deliver(a_report("urgent", round=2), first.state)


# Apps.


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def app_secret(key: rsa.RSAPrivateKey, more: str = "") -> str:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return json.dumps({"app_id": "77", "private_key": pem})[:-1] + more + "}"


def with_app(stage: Stage, key: rsa.RSAPrivateKey) -> None:
    def issuer(token: str) -> str | None:
        try:
            claims = jwt.decode(token, key.public_key(), algorithms=["RS256"])
        except jwt.InvalidTokenError:
            return None
        return str(claims["iss"])

    stage.github.app, stage.github.app_key = ("77", 4711), issuer
    stage.github.token = "ghs_installation"


def test_app_finds_its_installation(stage: Stage, key: rsa.RSAPrivateKey) -> None:
    # A token of an installation lasts an hour of the real time.
    stage.time.passed = (datetime.now(UTC) - OPENED).total_seconds()
    with_app(stage, key)
    stage.secret.text = app_secret(key)
    emitter = stage.emitter()
    answer = emitter.deliver(an_emission(a_report("urgent"), "github"))
    emitter.deliver(an_emission(a_report("urgent", round=2), "github", answer.state))

    assert len(stage.comments) == 2
    paths = [asked.path for asked in stage.serving.asked]
    assert paths.count("/repos/example/incidents/installation") == 1
    assert paths.count("/app/installations/4711/access_tokens") == 1


def test_app_with_its_installation(stage: Stage, key: rsa.RSAPrivateKey) -> None:
    stage.time.passed = (datetime.now(UTC) - OPENED).total_seconds()
    with_app(stage, key)
    stage.secret.text = app_secret(key, ', "installation_id": 4711')
    stage.deliver(a_report("urgent"))

    assert len(stage.comments) == 1
    assert not [asked for asked in stage.serving.asked if asked.path.endswith("/installation")]


def test_app_with_a_wrong_key(stage: Stage, key: rsa.RSAPrivateKey) -> None:
    with_app(stage, key)
    stage.secret.text = app_secret(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(SettingsFaultError, match="401"):
        stage.deliver(a_report("urgent"))
    assert stage.secret.forgotten == 1


def test_invalid_secret_sends_no_request(stage: Stage) -> None:
    stage.secret.text = '{"app_id": 77}'
    with pytest.raises(SettingsFaultError, match="must be a token"):
        stage.deliver(a_report("urgent"))
    assert stage.serving.asked == []


# Size.


def test_report_that_is_too_large_is_shortened(stage: Stage) -> None:
    findings = [
        a_finding(f"inspector-{number}", contents=[{"type": "note", "title": "\U0001d400" * 900, "text": "y" * 3_000}])
        for number in range(200)
    ]
    notes = [f"{number}" + "n" * 3_000 for number in range(99)]
    stage.deliver(a_report("urgent", findings=findings, title="\U0001d400" * 2_000, notes=notes))

    assert " rows left out." in stage.comments[0]
    assert " rows left out." in stage.issue["body"]


# The function itself.


@pytest.fixture
def function(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The handler with its own settings, on a table and a secret of moto."""
    settings = {
        "API_URL": stage.serving.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "test",
        "EMITTER": "github",
        "LABEL_PREFIX": "",
        "REPOSITORY": "example/incidents",
        "TABLE_NAME": "secops",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        monkeypatch.setenv(
            "SECRET_ARN", boto3.client("secretsmanager").create_secret(Name="github", SecretString=TOKEN)["ARN"]
        )
        boto3.client("dynamodb").create_table(
            TableName="secops",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        handler._emitter.cache_clear()
        yield handler.handler
        handler._emitter.cache_clear()


def event(report: Report) -> dict[str, Any]:
    return an_emission(report, "github").model_dump(mode="json")


def test_function_returns_the_same_answer_when_repeated(
    stage: Stage, function: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "Deadline", partial(Deadline, sleep=stage.time.sleep))
    caplog.set_level("INFO")
    caplog.set_level("DEBUG", logger="urllib3")
    first, second = function(event(a_report("urgent"))), function(event(a_report("urgent")))

    assert first == second
    assert first["url"] == "https://github.com/example/incidents/issues/1"
    assert first["state"]["issue"] == 1
    assert stage.issue["labels"] == ["urgent"]
    assert len(stage.comments) == 1
    assert TOKEN not in caplog.text


def test_function_waits_a_second_between_writes(stage: Stage, function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "Deadline", partial(Deadline, sleep=stage.time.sleep))
    function(event(a_report("urgent")))

    assert len(stage.time.slept) == 2
    assert all(0 < seconds <= 1 for seconds in stage.time.slept)


# The simulated GitHub.


@pytest.mark.parametrize(
    ("path", "document", "status"),
    [
        ("issues", {}, 422),
        ("issues", {"title": "x" * 257}, 422),
        ("issues", {"title": "x", "body": "x" * 65_537}, 422),
        ("issues", {"title": "x", "body": "x" * 65_536}, 201),
        ("issues", {"title": "x", "labels": ["x" * 51]}, 422),
        ("issues", [], 400),
        ("issues/2/comments", {"body": "x"}, 404),
        ("issues/1/comments", {"body": " "}, 422),
        ("issues/1/comments", {"body": "x" * 65_537}, 422),
        ("labels", {"name": "urgent", "color": "b60205"}, 422),
        ("labels", {"name": "new", "color": "red"}, 422),
        ("milestones", {"title": "x"}, 404),
    ],
)
def test_simulation_accepts_and_rejects_what_github_does(stage: Stage, path: str, document: Any, status: int) -> None:
    address = f"{stage.serving.url}/repos/example/incidents"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    requests.post(f"{address}/issues", json={"title": "first", "labels": ["urgent"]}, headers=headers, timeout=9)

    assert requests.post(f"{address}/{path}", json=document, headers=headers, timeout=9).status_code == status


def test_simulation_limits_the_rate(stage: Stage) -> None:
    stage.github.remaining = 0
    address = f"{stage.serving.url}/repos/example/incidents/issues"
    answer = requests.get(address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=9)

    assert answer.status_code == 403
    assert answer.headers["X-RateLimit-Remaining"] == "0"

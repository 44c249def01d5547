"""The Slack emitter with Slack's own client against a simulated Slack: one message per report, whatever is lost."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from alert_responder.contracts.report import EmissionAnswer, Report
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverFailedError, ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.slack.channel import Channel
from alert_responder_plugins.slack.deliver import SlackEmitter
from alert_responder_plugins.slack.webhook import Webhook
from tests.fakes.delivery_log import MemoryDeliveryLog
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.mrkdwn import active
from tests.fakes.reports import a_report, an_emission
from tools.receivers.server import Fault, Serving
from tools.receivers.slack import CHANNEL, TOKEN, WEBHOOK, Slack

POST, UPDATE = "chat.postMessage", "chat.update"
LOST = Fault(0, acted=True)
POST_LOST = Fault(0, acted=True, path=POST)


class Team:
    """Slack, the emitter, and its state."""

    def __init__(
        self, serving: Serving, slack: Slack, webhook: bool = False, channel: str = CHANNEL, seconds: float = 24
    ) -> None:
        self.serving, self.slack, self.log = serving, slack, MemoryDeliveryLog()
        self.secret = serving.url + WEBHOOK if webhook else TOKEN
        self.waited: list[float] = []
        self.forgotten = 0
        self.state: Any = None
        self.now = 0.0
        deadline = Deadline(seconds, clock=self.clock, sleep=self.sleep)
        receiver = (
            Webhook(lambda: self.secret, deadline)
            if webhook
            else Channel(lambda: self.secret, channel, f"{serving.url}/api", deadline)
        )
        self.emitter = SlackEmitter(self.log, receiver, self.forget, deadline)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def forget(self) -> None:
        self.forgotten += 1

    def attempt(self, report: Report, state: Any = None) -> EmissionAnswer:
        return self.emitter.deliver(an_emission(report, "slack", state if state is not None else self.state))

    def deliver(self, report: Report) -> EmissionAnswer:
        answer = self.attempt(report)
        self.state = answer.state
        return answer

    def calls(self, part: str) -> int:
        return sum(part in asked.path for asked in self.serving.asked)


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def make(slack: Slack) -> Iterator[Callable[..., Team]]:
    with Serving(slack) as serving:
        yield lambda **settings: Team(serving, slack, **settings)


@pytest.fixture
def team(make: Callable[..., Team]) -> Team:
    return make()


def test_three_rounds_are_one_message_with_replies_when_the_severity_changes(team: Team) -> None:
    first = team.deliver(a_report(severity="unclassified"))
    team.deliver(a_report(severity="urgent", round=2))
    team.deliver(a_report(severity="urgent", reason="More of it.", round=3))
    last = team.deliver(a_report(severity="safe", reason="False alarm.", round=4))

    (message,) = team.slack.messages
    assert "False alarm." in str(message["attachments"])
    assert message["attachments"][0]["color"] == "#2e7d32"
    assert [answer["thread_ts"] for answer in team.slack.answers] == [message["ts"]] * 2
    assert [answer["reply_broadcast"] for answer in team.slack.answers] == [True, False]
    assert first.url == last.url == f"https://example.slack.com/archives/{CHANNEL}/p{message['ts'].replace('.', '')}"
    assert (message["parse"], message["link_names"]) == ("none", False)
    assert (message["unfurl_links"], message["unfurl_media"], message["mrkdwn"]) == (False, False, False)


def test_resolved_report_updates_the_message_and_its_thread(team: Team) -> None:
    team.deliver(a_report())
    team.deliver(a_report(status="resolved", severity="unclassified", id="0" * 26))
    team.deliver(a_report(status="resolved", severity="unclassified", id="0" * 26, round=2))
    team.deliver(a_report(severity="unclassified", id="1" * 26))

    (message,) = team.slack.messages
    assert "Resolved" not in str(message)
    assert [answer["reply_broadcast"] for answer in team.slack.answers] == [False, True]
    assert "Round 1: resolved, according to the detector." in str(team.slack.answers[0])
    assert "Round 1: active again, unclassified." in str(team.slack.answers[1])
    assert [active(answer) for answer in team.slack.answers] == [[], []]


def test_resolved_report_without_a_message_is_not_posted(team: Team) -> None:
    assert team.attempt(a_report(status="resolved")) == EmissionAnswer()
    assert team.calls("chat") == 0
    state = team.deliver(a_report(id="1" * 26)).state
    team.slack.remove(team.slack.messages[0]["ts"])
    answer = team.attempt(a_report(status="resolved", id="2" * 26), state)

    assert team.slack.messages == []
    assert answer.state == state


def test_resolved_round_finds_a_message_whose_post_has_an_unknown_outcome(team: Team) -> None:
    team.attempt(a_report())
    emission = {"emitter": "slack", "round": 1, "outcome": "unknown", "reason": "No answer in 30 s.", "url": None}
    team.attempt(a_report(status="resolved", round=2, emissions=[emission]))

    (message,) = team.slack.messages
    assert "Resolved: Login" in str(message["blocks"])


def test_webhook_posts_a_resolved_report_only_after_an_active_one(make: Callable[..., Team]) -> None:
    team = make(webhook=True)
    team.deliver(a_report(status="resolved", id="1" * 26))
    assert team.slack.messages == []
    team.deliver(a_report())
    team.deliver(a_report(status="resolved", id="2" * 26))

    assert ["Resolved" in str(message["blocks"]) for message in team.slack.messages] == [False, True]


def test_repeated_delivery_has_no_effect(team: Team) -> None:
    first, second = team.attempt(a_report()), team.attempt(a_report())

    assert first == second
    assert team.calls(POST) == 1


@pytest.mark.parametrize(
    "fault", [POST_LOST, Fault(500, acted=True, path=POST), Fault(0, path=POST), Fault(503, path=POST)]
)
def test_post_with_an_unknown_outcome_is_looked_for(team: Team, fault: Fault) -> None:
    team.serving.strike(fault)
    answer = team.attempt(a_report())

    (message,) = team.slack.messages
    assert answer.state["ts"] == message["ts"]


def test_error_that_may_follow_an_effect_is_checked(team: Team) -> None:
    team.serving.strike(Fault(200, '{"ok": false, "error": "fatal_error"}', acted=True, path=POST))
    team.attempt(a_report())

    assert len(team.slack.messages) == 1


def test_next_attempt_finds_the_message_of_the_previous_one(team: Team) -> None:
    team.slack.page = 2
    for number in range(5):
        team.attempt(a_report(id=f"0{number}KG9Z9Q7R2D4B6C8E0FGHJKM"))
    team.serving.strike(POST_LOST, *[Fault(503, path="conversations.history")] * 4)
    with pytest.raises(ReceiverFailedError, match="may have been posted"):
        team.attempt(a_report())
    answer = team.attempt(a_report())

    assert len(team.slack.messages) == 6
    assert answer.state["ts"] == team.slack.messages[-1]["ts"]


def test_message_is_not_posted_again_without_the_scope_to_check(team: Team) -> None:
    team.slack.scopes.remove("channels:history")
    team.serving.strike(POST_LOST)
    for _ in range(2):
        with pytest.raises(ReceiverFailedError if _ == 0 else ReceiverRefusedError, match="channels:history"):
            team.attempt(a_report())

    assert len(team.slack.messages) == 1


def test_lost_update_is_repeated(team: Team) -> None:
    team.deliver(a_report())
    team.serving.strike(Fault(0, acted=True, path=UPDATE), Fault(500, path=UPDATE))
    team.deliver(a_report(reason="More of it.", round=2))

    (message,) = team.slack.messages
    assert "More of it." in str(message["attachments"])


def test_reply_whose_response_was_lost_is_not_repeated(team: Team) -> None:
    team.deliver(a_report(severity="unclassified"))
    team.serving.strike(POST_LOST, *[Fault(503, path="conversations.replies")] * 4)
    with pytest.raises(ReceiverFailedError, match="may have been posted"):
        team.attempt(a_report(round=2))
    team.deliver(a_report(round=2))
    team.serving.strike(POST_LOST)
    team.deliver(a_report(severity="safe", round=3))

    assert len(team.slack.messages) == 1
    assert len(team.slack.answers) == 2


def test_round_without_state_finds_the_message_of_the_previous_round(team: Team) -> None:
    team.attempt(a_report())
    emission = {"emitter": "slack", "round": 1, "outcome": "unknown", "reason": "No answer in 30 s.", "url": None}
    team.attempt(a_report(reason="More of it.", round=2, emissions=[emission]))

    (message,) = team.slack.messages
    assert "More of it." in str(message["attachments"])


def test_message_of_another_app_with_a_copied_marker_is_ignored(team: Team) -> None:
    team.attempt(a_report(id="00KG9Z9Q7R2D4B6C8E0FGHJKMN"))
    (ours,) = team.slack.messages
    payload = {"report_id": a_report().id, "emission_id": "01", "kind": "report", "severity": "safe"}
    marker = {"event_type": ours["metadata"]["event_type"], "event_payload": payload}
    forged = {**ours, "ts": "1999999999.000100", "bot_id": "B0FORGED", "user": "U0FORGED", "metadata": marker}
    team.slack.channels[CHANNEL].append(forged)
    emission = {"emitter": "slack", "round": 1, "outcome": "unknown", "reason": "No answer in 30 s.", "url": None}
    deliver = team.attempt(a_report(round=2, emissions=[emission]))

    assert deliver.state["ts"] not in (forged["ts"], ours["ts"])
    assert len(team.slack.messages) == 3


def test_deleted_message_is_posted_again(team: Team) -> None:
    first = team.deliver(a_report())
    team.slack.remove(team.slack.messages[0]["ts"])
    team.serving.strike(POST_LOST)
    second = team.deliver(a_report(reason="More of it.", round=2))

    (message,) = team.slack.messages
    assert second.state["ts"] == message["ts"] != first.state["ts"]
    assert second.url != first.url


def test_message_that_can_no_longer_be_edited_is_posted_again(team: Team) -> None:
    team.deliver(a_report())
    team.slack.edit_window_closed = True
    team.deliver(a_report(reason="More of it.", round=2))

    assert len(team.slack.messages) == 2


def test_state_of_another_version_can_be_read(team: Team) -> None:
    team.deliver(a_report())
    old = {"channel": CHANNEL, "ts": team.state["ts"], "severity": "terrible", "more": 1}
    team.attempt(a_report(round=2), {"channel": CHANNEL, "ts": team.state["ts"], "more": 1})
    team.attempt(a_report(round=3), "nonsense")

    assert len(team.slack.messages) == 2
    assert team.attempt(a_report(round=4), old).state["version"] == 1


def test_message_that_slack_rejects_as_too_long_is_shortened(team: Team) -> None:
    team.slack.most_of_blocks = 4_000
    report = a_report(notes=["n" * 300] * 40, reason="because " * 490)
    team.attempt(report)

    assert len(team.slack.messages) == 1


def test_rate_limit_is_retried_after_the_demanded_wait(team: Team) -> None:
    limited = Fault(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "3"}, path=POST)
    team.serving.strike(limited, limited)
    team.attempt(a_report())

    assert team.waited == [3.0, 3.0]
    assert len(team.slack.messages) == 1


def test_rate_limit_with_a_long_wait_fails_the_attempt(team: Team) -> None:
    limited = Fault(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "60"}, path=POST)
    team.serving.strike(limited)
    with pytest.raises(ReceiverFailedError, match="throttled"):
        team.attempt(a_report())
    team.attempt(a_report())

    assert team.waited == []
    assert len(team.slack.messages) == 1
    assert team.calls("history") == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("channel_not_found", "invite the app"),
        ("not_in_channel", "invite it"),
        ("is_archived", "unarchive"),
        ("invalid_blocks", "blocks"),
        ("something_new", "something_new"),
        ("<!channel> xoxb-1", "status_200|may have been posted"),
    ],
)
def test_rejection_contains_advice_and_no_text_of_slack(team: Team, code: str, words: str) -> None:
    team.serving.strike(*[Fault(200, f'{{"ok": false, "error": "{code}"}}', path=POST)] * 2)
    with pytest.raises((ReceiverRefusedError, ReceiverFailedError), match=words) as refused:
        team.attempt(a_report())

    assert "<" not in str(refused.value)
    assert "xoxb" not in str(refused.value)


def test_rejected_delivery_succeeds_after_the_cause_is_fixed(team: Team) -> None:
    team.secret = "xoxb-old"
    with pytest.raises(SettingsFaultError, match="invalid_auth"):
        team.attempt(a_report())
    assert team.forgotten == 1
    team.secret = TOKEN
    team.attempt(a_report())

    assert len(team.slack.messages) == 1
    assert team.calls("history") == 0


def test_delivery_ends_in_time_when_slack_does_not_answer(make: Callable[..., Team]) -> None:
    team = make(seconds=1.5)
    started = time.monotonic()
    team.serving.strike(*[Fault(200, delay=4)] * 2)
    with pytest.raises(ReceiverFailedError):
        team.attempt(a_report())

    assert time.monotonic() - started < 4


def test_unreachable_slack_leaves_no_record(slack: Slack) -> None:
    with Serving(slack) as serving:
        team = Team(serving, slack)
    with pytest.raises(ReceiverFailedError, match="could not be reached"):
        team.attempt(a_report())

    assert team.log.answers == {}


def test_hostile_text_is_inactive_in_messages(team: Team) -> None:
    found = {}
    for number, text in enumerate(HOSTILE.values()):
        report = report_of(text, severity="unclassified", id=f"{number:026}")
        state = team.attempt(report).state
        team.attempt(report_of(text, round=2, id=report.id), state)
        last = team.slack.channels[CHANNEL][-2:]
        found[text] = [active(message) for message in last]

    assert len(team.slack.messages) == len(team.slack.answers) == len(HOSTILE)
    assert {text: what for text, what in found.items() if what != [[], []]} == {}


def test_webhook_posts_each_round(make: Callable[..., Team]) -> None:
    team = make(webhook=True)
    answer = team.attempt(a_report())
    team.attempt(a_report())
    team.attempt(a_report(round=2))

    assert answer == EmissionAnswer(state={"version": 1, "webhook": True})
    assert len(team.slack.messages) == 2
    assert "each round is a new message" in str(team.slack.messages)
    assert [active(message) for message in team.slack.messages] == [[], []]


@pytest.mark.parametrize("fault", [LOST, Fault(500), Fault(200, "<html>")])
def test_webhook_is_not_called_again_after_an_unknown_outcome(make: Callable[..., Team], fault: Fault) -> None:
    team = make(webhook=True)
    team.serving.strike(fault)
    with pytest.raises(ReceiverFailedError, match="may have been posted"):
        team.attempt(a_report())
    with pytest.raises(ReceiverFailedError, match="was not posted again"):
        team.attempt(a_report())

    assert len(team.serving.asked) == 1


@pytest.mark.parametrize(
    ("secret", "error", "words"),
    [
        ("xoxb-1", SettingsFaultError, "set channel_id as well"),
        ("http://hooks.example.com/x", SettingsFaultError, "https://"),
        ("https://u:p@hooks.example.com/x", SettingsFaultError, "without credentials"),
        ("{url}/services/T/B/gone", ReceiverRefusedError, "create a new one"),
    ],
)
def test_invalid_webhook_is_rejected(
    make: Callable[..., Team], secret: str, error: type[Exception], words: str
) -> None:
    team = make(webhook=True)
    team.secret = secret.format(url=team.serving.url)
    with pytest.raises(error, match=words) as refused:
        team.attempt(a_report())

    assert secret not in str(refused.value)
    assert team.log.answers == {}


def test_webhook_retries_after_a_rate_limit(make: Callable[..., Team]) -> None:
    team = make(webhook=True)
    team.serving.strike(Fault(429, "rate_limited", {"Retry-After": "2"}))
    team.attempt(a_report())

    assert team.waited == [2.0]
    assert len(team.slack.messages) == 1


def test_secret_is_not_logged(make: Callable[..., Team], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    team = make(webhook=True)
    team.serving.strike(Fault(429, "rate_limited", {"Retry-After": "1"}), LOST)
    with pytest.raises(ReceiverFailedError):
        team.attempt(a_report())
    team = make()
    team.serving.strike(Fault(429, "{}", {"Retry-After": "1"}), Fault(500, "{}"))
    team.attempt(a_report())

    assert WEBHOOK not in caplog.text
    assert TOKEN not in caplog.text

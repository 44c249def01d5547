"""The Slack emitter with Slack's own client, against an imitation of Slack: each report told once, whatever is lost."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from alert_responder.contracts.report import EmissionAnswer, Report
from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.errors import ReceiverFailedError, ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.slack.channel import Channel
from alert_responder_plugins.slack.deliver import Delivering
from alert_responder_plugins.slack.webhook import Webhook
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.mrkdwn import active
from tests.fakes.once import MemoryOnce
from tests.fakes.reports import a_report, an_emission
from tools.receivers.server import Fault, Serving
from tools.receivers.slack import CHANNEL, TOKEN, WEBHOOK, Slack

POST, UPDATE = "chat.postMessage", "chat.update"
LOST = Fault(0, acted=True)
POST_LOST = Fault(0, acted=True, path=POST)


class Team:
    """Slack, the emitter, and what AlertResponder keeps of it."""

    def __init__(self, serving: Serving, slack: Slack, webhook: bool = False, channel: str = CHANNEL) -> None:
        self.serving, self.slack, self.once = serving, slack, MemoryOnce()
        self.secret = serving.url + WEBHOOK if webhook else TOKEN
        self.waited: list[float] = []
        self.forgotten = 0
        self.state: Any = None
        self.now = 0.0
        self.patience = Patience(24, clock=self.clock, sleep=self.sleep)
        receiver = (
            Webhook(lambda: self.secret, self.patience)
            if webhook
            else Channel(lambda: self.secret, channel, f"{serving.url}/api", self.patience)
        )
        self.delivering = Delivering(self.once, receiver, self.forget)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def forget(self) -> None:
        self.forgotten += 1

    def tell(self, report: Report, state: Any = None) -> EmissionAnswer:
        self.patience.renew()
        return self.delivering.deliver(an_emission(report, "slack", state if state is not None else self.state))

    def told(self, report: Report) -> EmissionAnswer:
        answer = self.tell(report)
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


def test_three_rounds_are_one_message_with_answers_where_the_severity_changed(team: Team) -> None:
    first = team.told(a_report(severity="unclassified"))
    team.told(a_report(severity="urgent", round=2))
    team.told(a_report(severity="urgent", reason="More of it.", round=3))
    last = team.told(a_report(severity="safe", reason="False alarm.", round=4))

    (message,) = team.slack.messages
    assert "False alarm." in str(message["attachments"])
    assert message["attachments"][0]["color"] == "#2e7d32"
    assert [answer["thread_ts"] for answer in team.slack.answers] == [message["ts"]] * 2
    assert [answer["reply_broadcast"] for answer in team.slack.answers] == [True, False]
    assert first.url == last.url == f"https://example.slack.com/archives/{CHANNEL}/p{message['ts'].replace('.', '')}"
    assert (message["parse"], message["link_names"]) == ("none", False)
    assert (message["unfurl_links"], message["unfurl_media"], message["mrkdwn"]) == (False, False, False)


def test_same_delivery_again_is_not_made_again(team: Team) -> None:
    first, second = team.tell(a_report()), team.tell(a_report())

    assert first == second
    assert team.calls(POST) == 1


@pytest.mark.parametrize(
    "fault", [POST_LOST, Fault(500, acted=True, path=POST), Fault(0, path=POST), Fault(503, path=POST)]
)
def test_post_whose_end_nobody_saw_is_looked_for(team: Team, fault: Fault) -> None:
    team.serving.strike(fault)
    answer = team.tell(a_report())

    (message,) = team.slack.messages
    assert answer.state["ts"] == message["ts"]


def test_slack_that_says_itself_that_it_may_have_acted_is_looked_at(team: Team) -> None:
    team.serving.strike(Fault(200, '{"ok": false, "error": "fatal_error"}', acted=True, path=POST))
    team.tell(a_report())

    assert len(team.slack.messages) == 1


def test_next_try_finds_what_the_one_before_has_posted(team: Team) -> None:
    team.slack.page = 2
    for number in range(5):
        team.tell(a_report(id=f"0{number}KG9Z9Q7R2D4B6C8E0FGHJKM"))
    team.serving.strike(POST_LOST, *[Fault(503, path="conversations.history")] * 4)
    with pytest.raises(ReceiverFailedError, match="may have taken"):
        team.tell(a_report())
    answer = team.tell(a_report())

    assert len(team.slack.messages) == 6
    assert answer.state["ts"] == team.slack.messages[-1]["ts"]


def test_without_the_right_to_look_it_is_not_posted_again(team: Team) -> None:
    team.slack.scopes.remove("channels:history")
    team.serving.strike(POST_LOST)
    for _ in range(2):
        with pytest.raises(ReceiverFailedError if _ == 0 else ReceiverRefusedError, match="channels:history"):
            team.tell(a_report())

    assert len(team.slack.messages) == 1


def test_lost_update_is_repeated(team: Team) -> None:
    team.told(a_report())
    team.serving.strike(Fault(0, acted=True, path=UPDATE), Fault(500, path=UPDATE))
    team.told(a_report(reason="More of it.", round=2))

    (message,) = team.slack.messages
    assert "More of it." in str(message["attachments"])


def test_lost_answer_in_the_thread_is_not_given_twice(team: Team) -> None:
    team.told(a_report(severity="unclassified"))
    team.serving.strike(POST_LOST, *[Fault(503, path="conversations.replies")] * 4)
    with pytest.raises(ReceiverFailedError, match="may have taken"):
        team.tell(a_report(round=2))
    team.told(a_report(round=2))
    team.serving.strike(POST_LOST)
    team.told(a_report(severity="safe", round=3))

    assert len(team.slack.messages) == 1
    assert len(team.slack.answers) == 2


def test_round_without_state_finds_the_message_of_the_one_before(team: Team) -> None:
    team.tell(a_report())
    emission = {"emitter": "slack", "round": 1, "outcome": "unknown", "reason": "No answer in 30 s.", "url": None}
    team.tell(a_report(reason="More of it.", round=2, emissions=[emission]))

    (message,) = team.slack.messages
    assert "More of it." in str(message["attachments"])


def test_message_of_another_app_with_our_marker_is_not_taken_for_ours(team: Team) -> None:
    team.tell(a_report(id="00KG9Z9Q7R2D4B6C8E0FGHJKMN"))
    (ours,) = team.slack.messages
    payload = {"report_id": a_report().id, "emission_id": "01", "kind": "report", "severity": "safe"}
    marker = {"event_type": ours["metadata"]["event_type"], "event_payload": payload}
    forged = {**ours, "ts": "1999999999.000100", "bot_id": "B0FORGED", "user": "U0FORGED", "metadata": marker}
    team.slack.channels[CHANNEL].append(forged)
    emission = {"emitter": "slack", "round": 1, "outcome": "unknown", "reason": "No answer in 30 s.", "url": None}
    told = team.tell(a_report(round=2, emissions=[emission]))

    assert told.state["ts"] not in (forged["ts"], ours["ts"])
    assert len(team.slack.messages) == 3


def test_message_that_a_person_has_deleted_is_posted_anew(team: Team) -> None:
    first = team.told(a_report())
    team.slack.remove(team.slack.messages[0]["ts"])
    team.serving.strike(POST_LOST)
    second = team.told(a_report(reason="More of it.", round=2))

    (message,) = team.slack.messages
    assert second.state["ts"] == message["ts"] != first.state["ts"]
    assert second.url != first.url


def test_message_too_old_to_be_edited_is_posted_anew(team: Team) -> None:
    team.told(a_report())
    team.slack.edit_window_closed = True
    team.told(a_report(reason="More of it.", round=2))

    assert len(team.slack.messages) == 2


def test_state_of_another_version_is_read_tolerantly(team: Team) -> None:
    team.told(a_report())
    old = {"channel": CHANNEL, "ts": team.state["ts"], "severity": "terrible", "more": 1}
    team.tell(a_report(round=2), {"channel": CHANNEL, "ts": team.state["ts"], "more": 1})
    team.tell(a_report(round=3), "nonsense")

    assert len(team.slack.messages) == 2
    assert team.tell(a_report(round=4), old).state["version"] == 1


def test_message_slack_finds_too_long_is_shortened(team: Team) -> None:
    team.slack.most_of_blocks = 4_000
    report = a_report(notes=["n" * 300] * 40, reason="because " * 490)
    team.tell(report)

    assert len(team.slack.messages) == 1


def test_rate_limit_is_waited_for_as_slack_asks(team: Team) -> None:
    limited = Fault(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "3"}, path=POST)
    team.serving.strike(limited, limited)
    team.tell(a_report())

    assert team.waited == [3.0, 3.0]
    assert len(team.slack.messages) == 1


def test_rate_limit_that_takes_too_long_is_given_up_and_tried_again(team: Team) -> None:
    limited = Fault(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "60"}, path=POST)
    team.serving.strike(limited)
    with pytest.raises(ReceiverFailedError, match="rate limit"):
        team.tell(a_report())
    team.tell(a_report())

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
        ("<!channel> xoxb-1", "status_200|may have taken"),
    ],
)
def test_refusal_says_what_to_do_and_nothing_of_slacks(team: Team, code: str, words: str) -> None:
    team.serving.strike(*[Fault(200, f'{{"ok": false, "error": "{code}"}}', path=POST)] * 2)
    with pytest.raises((ReceiverRefusedError, ReceiverFailedError), match=words) as refused:
        team.tell(a_report())

    assert "<" not in str(refused.value)
    assert "xoxb" not in str(refused.value)


def test_refused_delivery_can_be_made_when_the_cause_is_mended(team: Team) -> None:
    team.secret = "xoxb-old"
    with pytest.raises(ReceiverRefusedError, match="invalid_auth"):
        team.tell(a_report())
    assert team.forgotten == 1
    team.secret = TOKEN
    team.tell(a_report())

    assert len(team.slack.messages) == 1
    assert team.calls("history") == 0


def test_slack_that_hangs_is_not_waited_for_too_long(team: Team) -> None:
    started = time.monotonic()
    team.patience.renew()
    team.now = 22.5
    team.serving.strike(*[Fault(200, delay=4)] * 2)
    with pytest.raises(ReceiverFailedError):
        team.delivering.deliver(an_emission(a_report(), "slack"))

    assert time.monotonic() - started < 4


def test_slack_that_cannot_be_reached_is_tried_again(slack: Slack) -> None:
    with Serving(slack) as serving:
        team = Team(serving, slack)
    with pytest.raises(ReceiverFailedError, match="could not be reached"):
        team.tell(a_report())

    assert team.once.ends == {}


def test_nothing_hostile_is_active_in_what_slack_gets(team: Team) -> None:
    found = {}
    for number, text in enumerate(HOSTILE.values()):
        report = report_of(text, severity="unclassified", id=f"{number:026}")
        state = team.tell(report).state
        team.tell(report_of(text, round=2, id=report.id), state)
        last = team.slack.channels[CHANNEL][-2:]
        found[text] = [active(message) for message in last]

    assert len(team.slack.messages) == len(team.slack.answers) == len(HOSTILE)
    assert {text: what for text, what in found.items() if what != [[], []]} == {}


def test_webhook_posts_each_round(make: Callable[..., Team]) -> None:
    team = make(webhook=True)
    answer = team.tell(a_report())
    team.tell(a_report())
    team.tell(a_report(round=2))

    assert answer == EmissionAnswer()
    assert len(team.slack.messages) == 2
    assert "Each round is a new message" in str(team.slack.messages)
    assert [active(message) for message in team.slack.messages] == [[], []]


@pytest.mark.parametrize("fault", [LOST, Fault(500), Fault(200, "<html>")])
def test_webhook_is_not_asked_twice(make: Callable[..., Team], fault: Fault) -> None:
    team = make(webhook=True)
    team.serving.strike(fault)
    with pytest.raises(ReceiverFailedError, match="may have taken"):
        team.tell(a_report())
    with pytest.raises(ReceiverFailedError, match="was not posted again"):
        team.tell(a_report())

    assert len(team.serving.asked) == 1


@pytest.mark.parametrize(
    ("secret", "error", "words"),
    [
        ("xoxb-1", SettingsFaultError, "set channel_id as well"),
        ("http://hooks.example.com/x", SettingsFaultError, "https://"),
        ("https://u:p@hooks.example.com/x", SettingsFaultError, "without credentials"),
        ("{url}/services/T/B/gone", ReceiverRefusedError, "make a new one"),
    ],
)
def test_webhook_that_is_none(make: Callable[..., Team], secret: str, error: type[Exception], words: str) -> None:
    team = make(webhook=True)
    team.secret = secret.format(url=team.serving.url)
    with pytest.raises(error, match=words) as refused:
        team.tell(a_report())

    assert secret not in str(refused.value)
    assert team.once.ends == {}


def test_rate_limit_of_a_webhook_is_waited_for(make: Callable[..., Team]) -> None:
    team = make(webhook=True)
    team.serving.strike(Fault(429, "rate_limited", {"Retry-After": "2"}))
    team.tell(a_report())

    assert team.waited == [2.0]
    assert len(team.slack.messages) == 1


def test_secret_is_not_logged(make: Callable[..., Team], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    team = make(webhook=True)
    team.serving.strike(Fault(429, "rate_limited", {"Retry-After": "1"}), LOST)
    with pytest.raises(ReceiverFailedError):
        team.tell(a_report())
    team = make()
    team.serving.strike(Fault(429, "{}", {"Retry-After": "1"}), Fault(500, "{}"))
    team.tell(a_report())

    assert WEBHOOK not in caplog.text
    assert TOKEN not in caplog.text

"""How long the plug-in waits while Slack throttles a message."""

from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.slack.client import TIMEOUT_SECONDS, RateLimit


def test_a_throttled_message_is_retried_as_long_as_there_is_time() -> None:
    """In a storm, all messages of a channel wait for their turn: Slack takes about one in a second."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    retry = RateLimit(Deadline(24, lambda: now, sleep))
    state, request = RetryState(), HttpRequest(method="POST", url="https://slack.test", headers={})
    response = HttpResponse(status_code=429, headers={"Retry-After": ["1"]})
    state.next_attempt_requested = True
    while state.next_attempt_requested:
        state.next_attempt_requested = False
        if retry.can_retry(state=state, request=request, response=response):
            retry.prepare_for_next_attempt(state=state, request=request, response=response)
    assert now == 24 - TIMEOUT_SECONDS

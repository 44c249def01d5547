"""Deliver a round to Slack once: to a channel, whose messages can be read and updated, or to a webhook."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.delivery_log import DeliveryLog
from alert_responder_plugins.common.errors import OutcomeUnknownError, PluginFaultError, ReceiverFailedError
from alert_responder_plugins.common.summary import delivered_before, inherits_state, needs_no_delivery, page_link
from alert_responder_plugins.slack.change import Change, change_of
from alert_responder_plugins.slack.channel import Channel, Kind, Marker, MessageRef
from alert_responder_plugins.slack.errors import TOO_LONG, CodeError
from alert_responder_plugins.slack.message import LEAST, MOST, Message, message_of, reply_of
from alert_responder_plugins.slack.state import PostedMessage, PostedToWebhook, read_state, write_state
from alert_responder_plugins.slack.webhook import Webhook

_CLOCK_SKEW_SECONDS = 300.0
"""How far Slack's clock may be behind the stream's [s]."""

_Written = TypeVar("_Written")


class SlackEmitter:
    """Delivers to one channel or webhook.

    Parameters
    ----------
    forget_secret
        Called when Slack rejects the secret.
    """

    def __init__(
        self, log: DeliveryLog, receiver: Channel | Webhook, forget_secret: Callable[[], None], deadline: Deadline
    ) -> None:
        self._log = log
        self._receiver = receiver
        self._forget_secret = forget_secret
        self._deadline = deadline

    def deliver(self, request: EmissionRequest) -> EmissionAnswer:
        """Deliver a round; repeating a delivery with the same `emission_id` has no further effect.

        Raises
        ------
        ReceiverRefusedError, SettingsFaultError
            Slack rejected the message; nothing was posted.
        ReceiverFailedError
            Slack failed. The next attempt checks whether the message was posted.
        """
        self._deadline.restart()
        return self._log.deliver_once(
            request.emission_id, lambda repeated: self._attempt(request, repeated), self._forget_secret
        )

    def _attempt(self, request: EmissionRequest, repeated: bool) -> EmissionAnswer:
        if isinstance(self._receiver, Webhook):
            return _post_to_webhook(self._receiver, request, repeated)
        return _ChannelDelivery(self._receiver, request, repeated).run()


def _post_to_webhook(webhook: Webhook, request: EmissionRequest, repeated: bool) -> EmissionAnswer:
    if repeated:
        raise ReceiverFailedError(
            "An earlier attempt may have posted the message; webhooks cannot check, so it was not posted again."
        )
    report, page = request.report, page_link(request)
    if needs_no_delivery(request):
        return EmissionAnswer()
    _fit(lambda most: webhook.post(message_of(report, most, updating=False, page=page)))
    return EmissionAnswer(state=write_state(PostedToWebhook()))


def _fit(write: Callable[[int], _Written]) -> _Written:
    """Write a message of at most `MOST` characters, or of `LEAST` if Slack finds it too long."""
    try:
        return write(MOST)
    except CodeError as error:
        if error.code not in TOO_LONG:
            raise
        return write(LEAST)


class _ChannelDelivery:
    """One delivery to a channel."""

    def __init__(self, channel: Channel, request: EmissionRequest, repeated: bool) -> None:
        self._channel = channel
        self._report = request.report
        self._page = page_link(request)
        self._emission_id = request.emission_id
        self._posted_before = read_state(request.state)
        self._repeated = repeated
        # An earlier round whose outcome is unknown left no state, but may have left a message.
        self._earlier_round = delivered_before(request)
        self._is_inherited = inherits_state(request)

    def run(self) -> EmissionAnswer:
        report, before = self._report, self._posted_before
        message = self._write(MessageRef(before.channel, before.ts) if before else None)
        if message is None:
            return EmissionAnswer(state=write_state(before) if before else None)
        change = change_of(report, before, is_inherited=self._is_inherited) if before else None
        if change:
            with _as_unknown("The message was updated, but the reply in its thread failed."):
                self._reply(message, change)
        url = before.url if before and before.ts == message.ts and before.url else self._channel.link(message)
        severity = report.result.severity
        state = PostedMessage(channel=message.channel, ts=message.ts, severity=severity, url=url, status=report.status)
        return EmissionAnswer(state=write_state(state), url=url)

    def _write(self, known: MessageRef | None) -> MessageRef | None:
        """Update the report's message, or post a new one if it no longer exists; None: a resolved report has none."""
        if known is not None:
            updated = self._update(known)
            if updated is not None:
                return updated
        if self._repeated or (known is None and self._earlier_round):
            existing = self._find()
            if existing is not None and self._is_current(existing):
                return existing
            if existing is not None and (known is None or existing.ts != known.ts):
                updated = self._update(existing)
                if updated is not None:
                    return updated
        # A resolved report never notifies people of a new incident.
        return None if self._report.status == "resolved" else self._post()

    def _update(self, message: MessageRef) -> MessageRef | None:
        return _fit(lambda most: self._channel.update(message, self._message(most), self._marker("report")))

    def _post(self) -> MessageRef:
        def post() -> MessageRef:
            return _fit(lambda most: self._channel.post(self._message(most), self._marker("report")))

        try:
            return post()
        except OutcomeUnknownError:
            # If the message is not there, it may be posted once more.
            with _as_unknown("Slack may have posted the message."):
                existing = self._find()
                return existing if existing is not None and self._is_current(existing) else post()

    def _reply(self, message: MessageRef, change: Change) -> None:
        reply, marker = reply_of(self._report, change.what), self._marker("change")
        if self._repeated and self._has_reply(message):
            return
        try:
            self._channel.reply(message, reply, marker, change.is_worse)
        except OutcomeUnknownError:
            if not self._has_reply(message):
                self._channel.reply(message, reply, marker, change.is_worse)

    def _has_reply(self, message: MessageRef) -> bool:
        return any(map(self._is_current, self._channel.find_replies(message, self._report.id)))

    def _message(self, most: int) -> Message:
        return message_of(self._report, most, page=self._page)

    def _find(self) -> MessageRef | None:
        """Find the message that this delivery posted or updated, or else the report's newest message."""
        opened = parse_rfc3339(self._report.created_at)
        oldest = opened.timestamp() - _CLOCK_SKEW_SECONDS if opened else 0.0
        messages = self._channel.find(self._report.id, oldest)
        return next((message for message in messages if self._is_current(message)), messages[0] if messages else None)

    def _is_current(self, message: MessageRef) -> bool:
        return message.marker is not None and message.marker.emission_id == self._emission_id

    def _marker(self, kind: Kind) -> Marker:
        return Marker(self._report.id, self._emission_id, kind, self._report.result.severity)


@contextmanager
def _as_unknown(context: str) -> Generator[None]:
    """Raise every error as `OutcomeUnknownError`: part of the delivery was made before."""
    try:
        yield
    except OutcomeUnknownError:
        raise
    except PluginFaultError as error:
        raise OutcomeUnknownError(f"{context} {error}") from None

"""A channel of Slack through the Web API: post, update, reply, and find messages of earlier attempts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError
from alert_responder_plugins.slack.client import call_slack, read_retries, silent_logger, timeout, write_retries
from alert_responder_plugins.slack.errors import GONE, CodeError
from alert_responder_plugins.slack.message import Message

EVENT_TYPE = "alert_responder_report"
"""Event type in the metadata of the emitter's messages."""

_PAGE_SIZE = 200
_MAX_PAGES = 10

Kind = Literal["report", "change"]


@dataclass(frozen=True, slots=True)
class Marker:
    """Hidden metadata of a message, by which it is found again.

    Attributes
    ----------
    kind
        The report's message, or a reply in its thread.
    severity
        Severity in the message.
    """

    report_id: str
    emission_id: str
    kind: Kind
    severity: str

    def metadata(self) -> dict[str, Any]:
        """Return the marker as Slack's message metadata."""
        payload = {name: getattr(self, name) for name in ("report_id", "emission_id", "kind", "severity")}
        return {"event_type": EVENT_TYPE, "event_payload": payload}


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Identifies a message; contains its marker if the message was found by it."""

    channel: str
    ts: str
    marker: Marker | None = None


class Channel:
    """One channel, accessed with a bot token.

    Parameters
    ----------
    token
        Returns the current token.
    """

    def __init__(self, token: Callable[[], str], channel: str, api_url: str, deadline: Deadline) -> None:
        self._token = token
        self._channel = channel
        self._api_url = api_url
        self._deadline = deadline

    def post(self, message: Message, marker: Marker) -> MessageRef:
        """Post a message; raises the errors of `client.call_slack`."""
        answer = call_slack(
            lambda: self._client(writing=True).chat_postMessage(
                channel=self._channel, metadata=marker.metadata(), **_arguments(message), **_no_previews()
            )
        )
        return self._ref(answer, self._channel)

    def update(self, ref: MessageRef, message: Message, marker: Marker) -> MessageRef | None:
        """Replace a message; return None if that is no longer possible. Can be repeated."""
        try:
            answer = call_slack(
                lambda: self._client(writing=False).chat_update(
                    channel=ref.channel, ts=ref.ts, metadata=marker.metadata(), **_arguments(message)
                )
            )
        except CodeError as error:
            if error.code in GONE:
                return None
            raise
        return self._ref(answer, ref.channel)

    def reply(self, ref: MessageRef, message: Message, marker: Marker, broadcast: bool) -> None:
        """Reply in a message's thread, and with `broadcast` in the channel as well."""
        call_slack(
            lambda: self._client(writing=True).chat_postMessage(
                channel=ref.channel,
                thread_ts=ref.ts,
                reply_broadcast=broadcast,
                metadata=marker.metadata(),
                **_arguments(message),
                **_no_previews(),
            )
        )

    def find(self, report_id: str, oldest: float) -> list[MessageRef]:
        """List a report's messages in the channel, the newest first, without replies in threads.

        Messages of other authors are ignored: any app in the channel could copy a marker.

        Parameters
        ----------
        oldest
            Time before which no messages are read [s since the epoch].
        """
        messages = self._pages(
            lambda cursor: self._client(writing=False).conversations_history(
                channel=self._channel,
                oldest=f"{oldest:.6f}",
                limit=_PAGE_SIZE,
                include_all_metadata=True,
                cursor=cursor,
            )
        )
        marked = self._marked(messages, self._channel, self._author())
        reports = [message for message in marked if _is(message, report_id, "report")]
        return sorted(reports, key=lambda message: (len(message.ts), message.ts), reverse=True)

    def find_replies(self, ref: MessageRef, report_id: str) -> list[MessageRef]:
        """List the emitter's replies in a message's thread."""
        messages = self._pages(
            lambda cursor: self._client(writing=False).conversations_replies(
                channel=ref.channel, ts=ref.ts, limit=_PAGE_SIZE, include_all_metadata=True, cursor=cursor
            )
        )
        marked = self._marked(messages, ref.channel, self._author())
        return [reply for reply in marked if _is(reply, report_id, "change")]

    def link(self, ref: MessageRef) -> str | None:
        """Return the permalink of a message, or None if Slack does not return one."""
        try:
            answer = call_slack(
                lambda: self._client(writing=False).chat_getPermalink(channel=ref.channel, message_ts=ref.ts)
            )
        except PluginFaultError:
            return None
        link = answer.get("permalink")
        return link if isinstance(link, str) else None

    def _author(self) -> "_Author":
        answer = call_slack(lambda: self._client(writing=False).auth_test())
        return _Author(answer.get("bot_id"), answer.get("user_id"))

    def _client(self, writing: bool) -> WebClient:
        handlers = write_retries(self._deadline) if writing else read_retries(self._deadline)
        return WebClient(
            token=self._token(),
            base_url=f"{self._api_url}/",
            timeout=timeout(self._deadline),
            logger=silent_logger(),
            retry_handlers=handlers,
        )

    def _pages(self, ask: Callable[[str | None], SlackResponse]) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            answer = call_slack(partial(ask, cursor))
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return
        raise ReceiverFailedError("The channel has too many newer messages to search for an earlier one.")

    @staticmethod
    def _marked(messages: Iterator[Mapping[str, Any]], channel: str, author: "_Author") -> Iterator[MessageRef]:
        for message in messages:
            marker = _marker(message.get("metadata")) if author.wrote(message) else None
            if marker is not None and isinstance(message.get("ts"), str):
                yield MessageRef(channel, message["ts"], marker)

    @staticmethod
    def _ref(answer: SlackResponse, channel: str) -> MessageRef:
        return MessageRef(str(answer.get("channel") or channel), str(answer.get("ts")))


@dataclass(frozen=True, slots=True)
class _Author:
    """Owner of the token, from Slack's `auth.test`."""

    bot_id: Any
    user_id: Any

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether the owner wrote a message; both fields are set by Slack, not by the sender."""
        if isinstance(self.bot_id, str):
            return message.get("bot_id") == self.bot_id
        return isinstance(self.user_id, str) and message.get("user") == self.user_id


def _arguments(message: Message) -> dict[str, Any]:
    # Slack must not format `text` or resolve names in it.
    return {"text": message.text, "parse": "none", "link_names": False, **message.content}


def _no_previews() -> dict[str, Any]:
    return {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def _marker(metadata: Any) -> Marker | None:
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    if not isinstance(payload, dict):
        return None
    report_id, emission_id = payload.get("report_id"), payload.get("emission_id")
    kind, severity = payload.get("kind"), payload.get("severity")
    if not isinstance(report_id, str) or not isinstance(emission_id, str) or kind not in ("report", "change"):
        return None
    return Marker(report_id, emission_id, kind, str(severity))


def _is(message: MessageRef, report_id: str, kind: Kind) -> bool:
    return message.marker is not None and message.marker.report_id == report_id and message.marker.kind == kind

"""A channel of Slack, by its Web API: post, update, answer, and look for what an earlier try has posted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.slack.client import called, quiet_logger, timeout, while_reading, while_writing
from alert_responder_plugins.slack.errors import GONE, CodeError
from alert_responder_plugins.slack.message import Message

EVENT_TYPE = "alert_responder_report"
"""What our messages' metadata are called."""

_PAGE = 200
_MOST_PAGES = 10

Kind = Literal["report", "change"]


@dataclass(frozen=True, slots=True)
class Marker:
    """What a message carries unseen, so that it can be found again.

    Attributes
    ----------
    kind
        The report's message, or an answer in its thread.
    severity
        What it says.
    """

    report_id: str
    emission_id: str
    kind: Kind
    severity: str

    def metadata(self) -> dict[str, Any]:
        """Write it as Slack takes it."""
        payload = {name: getattr(self, name) for name in ("report_id", "emission_id", "kind", "severity")}
        return {"event_type": EVENT_TYPE, "event_payload": payload}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is, and its marker where it was looked up."""

    channel: str
    ts: str
    marker: Marker | None = None


class Channel:
    """One channel, with a bot's token.

    Parameters
    ----------
    token
        Gives the token at its newest.
    """

    def __init__(self, token: Callable[[], str], channel: str, api_url: str, patience: Patience) -> None:
        self._token = token
        self._channel = channel
        self._api_url = api_url
        self._patience = patience

    def post(self, message: Message, marker: Marker) -> Place:
        """Post a message; raises as `calling.called` does."""
        answer = called(
            lambda: self._client(writing=True).chat_postMessage(
                channel=self._channel, metadata=marker.metadata(), **_arguments(message), **_no_previews()
            )
        )
        return self._place(answer, self._channel)

    def update(self, place: Place, message: Message, marker: Marker) -> Place | None:
        """Replace a message; None where it cannot be any more. May be done any number of times."""
        try:
            answer = called(
                lambda: self._client(writing=False).chat_update(
                    channel=place.channel, ts=place.ts, metadata=marker.metadata(), **_arguments(message)
                )
            )
        except CodeError as error:
            if error.code in GONE:
                return None
            raise
        return self._place(answer, place.channel)

    def answer(self, place: Place, message: Message, marker: Marker, broadcast: bool) -> None:
        """Answer in a message's thread, with `broadcast` in the channel as well."""
        called(
            lambda: self._client(writing=True).chat_postMessage(
                channel=place.channel,
                thread_ts=place.ts,
                reply_broadcast=broadcast,
                metadata=marker.metadata(),
                **_arguments(message),
                **_no_previews(),
            )
        )

    def find(self, report_id: str, oldest: float) -> list[Place]:
        """List a report's messages in the channel, newest first; answers in threads are left out.

        Only messages of this bot count: any other app of the channel may carry the same marker.

        Parameters
        ----------
        oldest
            When the report was opened [s of Unix time]; nothing older is looked at.
        """
        found = self._pages(
            lambda cursor: self._client(writing=False).conversations_history(
                channel=self._channel, oldest=f"{oldest:.6f}", limit=_PAGE, include_all_metadata=True, cursor=cursor
            )
        )
        marked = self._marked(found, self._channel, self._author())
        ours = [place for place in marked if _is(place, report_id, "report")]
        return sorted(ours, key=lambda place: (len(place.ts), place.ts), reverse=True)

    def find_answers(self, place: Place, report_id: str) -> list[Place]:
        """List our answers in a message's thread."""
        found = self._pages(
            lambda cursor: self._client(writing=False).conversations_replies(
                channel=place.channel, ts=place.ts, limit=_PAGE, include_all_metadata=True, cursor=cursor
            )
        )
        marked = self._marked(found, place.channel, self._author())
        return [answer for answer in marked if _is(answer, report_id, "change")]

    def link(self, place: Place) -> str | None:
        """Return where a person finds a message; None where Slack does not say."""
        try:
            answer = called(
                lambda: self._client(writing=False).chat_getPermalink(channel=place.channel, message_ts=place.ts)
            )
        except (CodeError, ReceiverFailedError):
            return None
        link = answer.get("permalink")
        return link if isinstance(link, str) else None

    def _author(self) -> "_Author":
        answer = called(lambda: self._client(writing=False).auth_test())
        return _Author(answer.get("bot_id"), answer.get("user_id"))

    def _client(self, writing: bool) -> WebClient:
        handlers = while_writing(self._patience) if writing else while_reading(self._patience)
        return WebClient(
            token=self._token(),
            base_url=f"{self._api_url}/",
            timeout=timeout(self._patience),
            logger=quiet_logger(),
            retry_handlers=handlers,
        )

    def _pages(self, ask: Callable[[str | None], SlackResponse]) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            answer = called(partial(ask, cursor))
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return
        raise ReceiverFailedError("The channel has too many messages since to look for an earlier one.")

    @staticmethod
    def _marked(messages: Iterator[Mapping[str, Any]], channel: str, author: "_Author") -> Iterator[Place]:
        for message in messages:
            marker = _marker(message.get("metadata")) if author.wrote(message) else None
            if marker is not None and isinstance(message.get("ts"), str):
                yield Place(channel, message["ts"], marker)

    @staticmethod
    def _place(answer: SlackResponse, channel: str) -> Place:
        return Place(str(answer.get("channel") or channel), str(answer.get("ts")))


@dataclass(frozen=True, slots=True)
class _Author:
    """Who the token belongs to, as Slack's `auth.test` says."""

    bot_id: Any
    user_id: Any

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether it has written a message; Slack sets both fields, not the sender."""
        if isinstance(self.bot_id, str):
            return message.get("bot_id") == self.bot_id
        return isinstance(self.user_id, str) and message.get("user") == self.user_id


def _arguments(message: Message) -> dict[str, Any]:
    # Nothing is to be made of what stands in `text`.
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


def _is(place: Place, report_id: str, kind: Kind) -> bool:
    return place.marker is not None and place.marker.report_id == report_id and place.marker.kind == kind

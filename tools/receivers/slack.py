"""An imitation of Slack, from its public documentation: the Web API methods that the emitter calls, and a webhook.

Like Slack, it refuses wrong tokens, missing scopes, unknown channels and messages, long messages, and invalid blocks.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from werkzeug.wrappers import Request, Response

TOKEN = "xoxb-imitation"  # noqa: S105 - of an imitation  # nosec B105
WEBHOOK = "/services/T0000000/B0000000/imitation"
CHANNEL = "C0123456789"
BOT, USER = "B0123456789", "U0123456789"
"""The app's bot, and the user that Slack shows for it."""

_MOST_BLOCKS = 50
_MOST_TEXT = 40_000
_MOST_OF_BLOCKS = 13_200
_FIRST_TS = 1_900_000_000

Message = dict[str, Any]


class RefusedError(Exception):
    """An error of Slack, with its code."""

    def __init__(self, code: str, **more: Any) -> None:
        self.code = code
        self.more = more
        super().__init__(code)


@dataclass
class Slack:
    """A workspace with one app.

    Attributes
    ----------
    scopes
        The app's scopes.
    channels
        The messages of each channel that the app is in, oldest first; replies in threads have a `thread_ts`.
    edit_window_closed
        Whether messages can no longer be edited.
    page
        Largest number of messages in one answer.
    """

    token: str = TOKEN
    webhook: str | None = WEBHOOK
    scopes: set[str] = field(default_factory=lambda: {"chat:write", "channels:history"})
    channels: dict[str, list[Message]] = field(default_factory=lambda: {CHANNEL: []})
    edit_window_closed: bool = False
    most_of_blocks: int = _MOST_OF_BLOCKS
    page: int = 100
    _numbers: Any = field(default_factory=count)

    @property
    def messages(self) -> list[Message]:
        """The messages of the default channel, without replies in threads."""
        return [message for message in self.channels[CHANNEL] if "thread_ts" not in message]

    @property
    def answers(self) -> list[Message]:
        """The replies in threads of the default channel."""
        return [message for message in self.channels[CHANNEL] if "thread_ts" in message]

    def remove(self, ts: str) -> None:
        """Delete a message, as a user does."""
        for messages in self.channels.values():
            messages[:] = [message for message in messages if message["ts"] != ts]

    def answer(self, request: Request) -> Response:
        """Answer a request as Slack does."""
        if request.path.startswith("/services/"):
            return self._hook(request)
        method = request.path.removeprefix("/api/")
        methods = {
            "auth.test": self._identity,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.getPermalink": self._permalink,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
        }
        try:
            self._authorized(request)
            said = {"ok": True, **methods.get(method, _unknown)(_arguments(request))}
        except RefusedError as refused:
            said = {"ok": False, "error": refused.code, **refused.more}
        return Response(json.dumps(said), 200, content_type="application/json; charset=utf-8")

    def _hook(self, request: Request) -> Response:
        if request.path != self.webhook:
            return Response("no_service", 404)
        try:
            self._add(CHANNEL, json.loads(request.get_data()))
        except ValueError:
            return Response("invalid_payload", 400)
        except RefusedError as refused:
            return Response(refused.code, 400)
        return Response("ok", 200)

    def _identity(self, _: Mapping[str, Any]) -> Message:
        return {"user_id": USER, "bot_id": BOT}

    def _post(self, asked: Mapping[str, Any]) -> Message:
        self._may("chat:write")
        channel = self._channel(asked)
        if asked.get("thread_ts") and not self._found(channel, asked["thread_ts"]):
            raise RefusedError("thread_not_found")
        message = self._add(channel, asked)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _update(self, asked: Mapping[str, Any]) -> Message:
        self._may("chat:write")
        channel = self._channel(asked)
        message = self._found(channel, asked.get("ts"))
        if message is None:
            raise RefusedError("message_not_found")
        if self.edit_window_closed:
            raise RefusedError("edit_window_closed")
        # Fields that are missing in the request stay unchanged.
        message.update(self._checked(asked), edited=True)
        return {"channel": channel, "ts": message["ts"], "text": message["text"]}

    def _permalink(self, asked: Mapping[str, Any]) -> Message:
        channel = self._channel(asked)
        if self._found(channel, asked.get("message_ts")) is None:
            raise RefusedError("message_not_found")
        place = asked["message_ts"].replace(".", "")
        return {"channel": channel, "permalink": f"https://example.slack.com/archives/{channel}/p{place}"}

    def _history(self, asked: Mapping[str, Any]) -> Message:
        self._may("channels:history")
        messages = [
            message
            for message in self.channels[self._channel(asked)]
            if float(message["ts"]) > float(asked.get("oldest") or 0) and "thread_ts" not in message
        ]
        return self._paged(asked, messages[::-1])

    def _replies(self, asked: Mapping[str, Any]) -> Message:
        self._may("channels:history")
        channel, ts = self._channel(asked), asked.get("ts")
        if self._found(channel, ts) is None:
            raise RefusedError("thread_not_found")
        return self._paged(
            asked,
            [message for message in self.channels[channel] if ts in (message["ts"], message.get("thread_ts"))],
        )

    def _paged(self, asked: Mapping[str, Any], messages: list[Message]) -> Message:
        start = int(asked.get("cursor") or 0)
        most = min(int(asked.get("limit") or 100), self.page)
        page = messages[start : start + most]
        if asked.get("include_all_metadata") not in ("1", "true", True):
            page = [{name: value for name, value in message.items() if name != "metadata"} for message in page]
        more = start + most < len(messages)
        following = {"next_cursor": str(start + most) if more else ""}
        return {"messages": page, "has_more": more, "response_metadata": following}

    def _authorized(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise RefusedError("invalid_auth")

    def _may(self, scope: str) -> None:
        if scope not in self.scopes:
            raise RefusedError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def _channel(self, asked: Mapping[str, Any]) -> str:
        channel = asked.get("channel")
        if not isinstance(channel, str) or channel not in self.channels:
            raise RefusedError("channel_not_found")
        return channel

    def _found(self, channel: str, ts: Any) -> Message | None:
        return next((message for message in self.channels[channel] if message["ts"] == ts), None)

    def _add(self, channel: str, asked: Mapping[str, Any]) -> Message:
        message = {**self._checked(asked), "ts": f"{_FIRST_TS + next(self._numbers)}.000100"}
        message |= {"bot_id": BOT, "user": USER}
        for name in ("thread_ts", "reply_broadcast", "unfurl_links", "unfurl_media", "mrkdwn"):
            if name in asked:
                message[name] = asked[name]
        self.channels[channel].append(message)
        return message

    def _checked(self, asked: Mapping[str, Any]) -> Message:
        shown = {name: asked[name] for name in ("text", "blocks", "attachments") if name in asked}
        if not any(shown.values()):
            raise RefusedError("no_text")
        if len(shown.get("text") or "") > _MOST_TEXT:
            raise RefusedError("msg_too_long")
        attachments = shown.get("attachments") or []
        if len(attachments) > 100:
            raise RefusedError("too_many_attachments")
        lists = [shown.get("blocks") or [], *(attachment.get("blocks") or [] for attachment in attachments)]
        for blocks in lists:
            _check_blocks(blocks)
        if sum(len(text) for blocks in lists for block in blocks for text in _texts(block)) > self.most_of_blocks:
            raise RefusedError("msg_blocks_too_long")
        metadata = asked.get("metadata")
        if metadata is not None:
            _check_metadata(metadata)
            shown["metadata"] = metadata
        for name in ("parse", "link_names"):
            if name in asked:
                shown[name] = asked[name]
        return shown


def _unknown(_: Mapping[str, Any]) -> Message:
    raise RefusedError("unknown_method")


def _arguments(request: Request) -> Mapping[str, Any]:
    if request.mimetype == "application/json":
        try:
            asked = json.loads(request.get_data())
        except ValueError:
            raise RefusedError("invalid_json") from None
        if not isinstance(asked, dict):
            raise RefusedError("json_not_object")
        return asked
    return request.form.to_dict()


def _check_metadata(metadata: Any) -> None:
    fits = isinstance(metadata, dict) and isinstance(metadata.get("event_payload"), dict)
    if not fits or not re.fullmatch(r"\w{1,255}", str(metadata.get("event_type"))):
        raise RefusedError("invalid_metadata_format")
    if len(json.dumps(metadata["event_payload"])) > 8_000:
        raise RefusedError("metadata_too_large")


def _check_blocks(blocks: Any) -> None:
    if not isinstance(blocks, list) or len(blocks) > _MOST_BLOCKS:
        raise RefusedError("invalid_blocks")
    for block in blocks:
        if block.get("type") == "header":
            _check_text(block.get("text"), 150, {"plain_text"})
        elif block.get("type") == "context":
            if not 1 <= len(block.get("elements") or []) <= 10:
                raise RefusedError("invalid_blocks")
            for element in block["elements"]:
                _check_text(element, 3_000)
        elif block.get("type") == "rich_text":
            for one in block["elements"]:
                if one.get("type") != "rich_text_section" or {part.get("type") for part in one["elements"]} != {"link"}:
                    raise RefusedError("invalid_blocks")
        elif block.get("type") == "section":
            fields = block.get("fields")
            if ("text" not in block and not fields) or len(fields or []) > 10:
                raise RefusedError("invalid_blocks")
            if "text" in block:
                _check_text(block["text"], 3_000)
            for one in fields or []:
                _check_text(one, 2_000)
        elif block.get("type") != "divider":
            raise RefusedError("invalid_blocks")


def _check_text(text: Any, most: int, types: frozenset[str] | set[str] = frozenset({"plain_text", "mrkdwn"})) -> None:
    if not isinstance(text, dict) or text.get("type") not in types or not isinstance(text.get("text"), str):
        raise RefusedError("invalid_blocks")
    if not 1 <= len(text["text"]) <= most or ("emoji" in text and text["type"] != "plain_text"):
        raise RefusedError("invalid_blocks")


def _texts(block: Mapping[str, Any]) -> list[str]:
    if block.get("type") == "rich_text":
        return [part["text"] for one in block["elements"] for part in one["elements"]]
    texts = [block["text"]] if "text" in block else []
    return [text["text"] for text in (*texts, *block.get("fields", ()), *block.get("elements", ()))]

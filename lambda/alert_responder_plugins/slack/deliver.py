"""Tell of a report once: in a channel that can be looked at and updated, or through a webhook that cannot."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from alert_responder.contracts.primitives import Severity, is_worse, parse_rfc3339
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest
from alert_responder_plugins.common.delivery_log import Memory
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError
from alert_responder_plugins.common.summary import page_link
from alert_responder_plugins.slack.channel import Channel, Kind, Marker, Place
from alert_responder_plugins.slack.errors import BAD_TOKEN, TOO_LONG, CodeError, UnsureError
from alert_responder_plugins.slack.message import LEAST, MOST, Message, change_of, message_of
from alert_responder_plugins.slack.state import Told, read_state, write_state
from alert_responder_plugins.slack.webhook import Webhook

_CLOCKS_APART = 300.0
"""How far Slack's clock may be behind that of the stream [s]."""

_Written = TypeVar("_Written")


class Delivering:
    """Deliveries to one place.

    Parameters
    ----------
    forget_secret
        Called when Slack does not take the secret.
    """

    def __init__(self, memory: Memory, receiver: Channel | Webhook, forget_secret: Callable[[], None]) -> None:
        self._memory = memory
        self._receiver = receiver
        self._forget_secret = forget_secret

    def deliver(self, request: EmissionRequest) -> EmissionAnswer:
        """Tell of a report; with the same `emission_id` any number of times, and yet once.

        Raises
        ------
        ReceiverRefusedError
            Slack does not take it; nothing was posted.
        ReceiverFailedError
            Slack failed. The next try looks whether this one was taken.
        """
        before = self._memory.begin(request.emission_id)
        if before is not None and before.answer is not None:
            return EmissionAnswer.model_validate(before.answer)
        try:
            answer = self._tell(request, unsure=before is not None)
        except UnsureError:
            raise
        except PluginFaultError as error:
            if isinstance(error, CodeError) and error.code in BAD_TOKEN:
                self._forget_secret()
            # Only what is sure is forgotten: an earlier try may have done something, and so may this one's first call.
            if before is None:
                self._memory.forget(request.emission_id)
            raise
        self._memory.done(request.emission_id, answer.model_dump(mode="json"))
        return answer

    def _tell(self, request: EmissionRequest, unsure: bool) -> EmissionAnswer:
        if isinstance(self._receiver, Webhook):
            return _through(self._receiver, request, unsure)
        return _Round(self._receiver, request, unsure).tell()


def _through(webhook: Webhook, request: EmissionRequest, unsure: bool) -> EmissionAnswer:
    if unsure:
        raise ReceiverFailedError(
            "An earlier try may have posted it; a webhook cannot be asked, so that it was not posted again."
        )
    report, page = request.report, page_link(request)
    try:
        webhook.post(message_of(report, MOST, updating=False, page=page))
    except CodeError as error:
        if error.code not in TOO_LONG:
            raise
        webhook.post(message_of(report, LEAST, updating=False, page=page))
    return EmissionAnswer()


class _Round:
    """One delivery to a channel."""

    def __init__(self, channel: Channel, request: EmissionRequest, unsure: bool) -> None:
        self._channel = channel
        self._report = request.report
        self._page = page_link(request)
        self._emission_id = request.emission_id
        self._told = read_state(request.state)
        self._unsure = unsure
        # A round whose end nobody saw left no state, and yet perhaps a message.
        self._earlier = any(emission.emitter == request.emitter for emission in self._report.emissions)

    def tell(self) -> EmissionAnswer:
        told, severity = self._told, self._report.result.severity
        place = self._written(Place(told.channel, told.ts) if told else None)
        if told and told.severity and told.severity != severity:
            before = told.severity
            with _surely_begun("The message was updated, but not answered in its thread."):
                self._answered(place, before)
        url = told.url if told and told.ts == place.ts and told.url else self._channel.link(place)
        state = Told(channel=place.channel, ts=place.ts, severity=severity, url=url)
        return EmissionAnswer(state=write_state(state), url=url)

    def _written(self, known: Place | None) -> Place:
        """Update the report's message; where there is none any more, post it anew."""
        if known is not None:
            updated = self._updated(known)
            if updated is not None:
                return updated
        if self._unsure or (known is None and self._earlier):
            found = self._already()
            if found is not None and self._is_this(found):
                return found
            if found is not None and (known is None or found.ts != known.ts):
                updated = self._updated(found)
                if updated is not None:
                    return updated
        return self._posted()

    def _updated(self, place: Place) -> Place | None:
        return self._sized(lambda message: self._channel.update(place, message, self._marker("report")))

    def _posted(self) -> Place:
        def post() -> Place:
            return self._sized(lambda message: self._channel.post(message, self._marker("report")))

        try:
            return post()
        except UnsureError:
            # Perhaps it is there. Where it is not, it may be posted once more.
            with _surely_begun("Slack may have taken the message."):
                found = self._already()
                return found if found is not None and self._is_this(found) else post()

    def _answered(self, place: Place, before: Severity) -> None:
        message, marker = change_of(self._report, before), self._marker("change")
        broadcast = is_worse(self._report.result.severity, before)
        if self._unsure and self._is_answered(place):
            return
        try:
            self._channel.answer(place, message, marker, broadcast)
        except UnsureError:
            if not self._is_answered(place):
                self._channel.answer(place, message, marker, broadcast)

    def _is_answered(self, place: Place) -> bool:
        return any(map(self._is_this, self._channel.find_answers(place, self._report.id)))

    def _sized(self, write: Callable[[Message], _Written]) -> _Written:
        try:
            return write(message_of(self._report, MOST, page=self._page))
        except CodeError as error:
            if error.code not in TOO_LONG:
                raise
            return write(message_of(self._report, LEAST, page=self._page))

    def _already(self) -> Place | None:
        """Find the message this delivery has posted or updated already; else the report's newest."""
        opened = parse_rfc3339(self._report.created_at)
        oldest = opened.timestamp() - _CLOCKS_APART if opened else 0.0
        found = self._channel.find(self._report.id, oldest)
        return next((place for place in found if self._is_this(place)), found[0] if found else None)

    def _is_this(self, place: Place) -> bool:
        return place.marker is not None and place.marker.emission_id == self._emission_id

    def _marker(self, kind: Kind) -> Marker:
        return Marker(self._report.id, self._emission_id, kind, self._report.result.severity)


@contextmanager
def _surely_begun(said: str) -> Generator[None]:
    """Let no fault look as if nothing had been done."""
    try:
        yield
    except UnsureError:
        raise
    except PluginFaultError as error:
        raise UnsureError(f"{said} {error}") from None

"""What happens with a request: verify it, check the document, and put it on the stream."""

from collections.abc import Callable, Sequence
from typing import Protocol

from alert_responder.errors import DependencyError, RejectedAlertError
from alert_responder.formats.record import decode
from alert_responder_plugins.webhook import credentials, verification
from alert_responder_plugins.webhook.client import PARTITION_KEY_LENGTH
from alert_responder_plugins.webhook.request import Answer, Request

MAX_BODY_BYTES = 1024 * 1024 - PARTITION_KEY_LENGTH
"""Largest body [bytes]: Kinesis accepts records of 1 MiB, with the partition key."""

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_RETRY = "the document could not be put on the stream; it was kept, and may be sent again"
_RETRY_LOST = "the document could not be put on the stream and was not kept; send it again"


class Stream(Protocol):
    """See `client.AlertStream`."""

    def put(self, document: bytes) -> None:
        """Put a document on the stream, or raise `DependencyError`."""
        ...

    def keep(self, document: bytes) -> None:
        """Keep a document as a dead letter, or raise `DependencyError`."""
        ...


class Versions(Protocol):
    """See `credentials.Credentials`."""

    def versions(self, max_age: float = credentials.MAX_AGE_SECONDS) -> Sequence[bytes]:
        """Return the accepted versions of the secret."""
        ...


class Receiver:
    """Answers requests: 200 only when the document is on the stream, or when there is nothing to put there.

    Parameters
    ----------
    clock
        Seconds since the epoch.
    """

    def __init__(self, secret: Versions, stream: Stream, clock: Callable[[], float], secret_header: str) -> None:
        self._secret = secret
        self._stream = stream
        self._clock = clock
        self._secret_header = secret_header

    def answer(self, request: Request) -> Answer:
        """Handle one request; errors of the secret are raised."""
        if request.method != "POST":
            return Answer(405, "the method must be POST", {"allow": "POST"})
        if fault := self._authentication_fault(request):
            return Answer(401, fault, {"www-authenticate": "Bearer"})
        if request.headers.get("x-github-event") == "ping":
            return Answer(200)
        return _fault_of(request) or self._put(request.body)

    def _authentication_fault(self, request: Request) -> str | None:
        fault = self._fault(request, self._secret.versions())
        if fault == verification.WRONG:
            # It may have been rotated since it was read.
            fault = self._fault(request, self._secret.versions(credentials.MIN_AGE_SECONDS))
        return fault

    def _fault(self, request: Request, secrets: Sequence[bytes]) -> str | None:
        return verification.fault_of(request.headers, request.body, secrets, self._clock(), self._secret_header)

    def _put(self, document: bytes) -> Answer:
        try:
            self._stream.put(document)
        except DependencyError:
            return Answer(503, self._kept(document))
        return Answer(200)

    def _kept(self, document: bytes) -> str:
        """Keep a document, since some senders never repeat a request, and describe what happened."""
        try:
            self._stream.keep(document)
        except DependencyError:
            return _RETRY_LOST
        return _RETRY


def _fault_of(request: Request) -> Answer | None:
    """Return the answer to a request that does not contain a document; None: it does."""
    body = request.body
    if len(body) > MAX_BODY_BYTES:
        return Answer(413, f"the body has {len(body):,} bytes; at most {MAX_BODY_BYTES:,} are allowed")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        return Answer(415, "the body must not be compressed: remove the header Content-Encoding")
    if request.headers.get("content-type", "").strip().lower().startswith(_FORMS):
        return Answer(415, "the body must be JSON, not a form: set the content type application/json in the product")
    try:
        decoded = decode(body)
    except RejectedAlertError as error:
        return Answer(400, error.reason.replace("the record", "the body", 1))
    if decoded.fault:
        return Answer(400, decoded.fault.replace("the record", "the body", 1))
    if not isinstance(decoded.document, dict | list) or not decoded.document:
        return Answer(400, "the body must be a JSON object or an array of objects, and not empty")
    return None

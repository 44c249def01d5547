"""Whether a request proves that its sender knows the secret. Pure; all comparisons take constant time.

A sender proves it in the way that its product offers. All ways need the secret, so that none has to be chosen:

- It sends the secret, as a bearer token, as the password of basic authentication, or in a header that the operator
  names.
- It signs the body with HMAC-SHA256:
  GitHub: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  Grafana: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
  CrowdStrike: https://marketplace.crowdstrike.com/listings/webhook
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping

from alert_responder.domain.instants import parse_instant

MAX_AGE_SECONDS = 300
"""How far the time that a sender has signed may be from now [s], so that a recorded request cannot be sent later."""

MISSING = (
    "the request is not authenticated: send the secret as 'Authorization: Bearer ...' or as the password of basic "
    "authentication, or sign the body (X-Hub-Signature-256, X-Grafana-Alerting-Signature, X-CS-Primary-Signature)"
)
WRONG = "the secret or the signature is wrong: it must be that of the current or the previous version of the secret"
TOO_OLD = f"the signed time of the request must be within {MAX_AGE_SECONDS} seconds of now"

_GITHUB, _GRAFANA, _CROWDSTRIKE = "x-hub-signature-256", "x-grafana-alerting-signature", "x-cs-primary-signature"
_GRAFANA_TIME, _CROWDSTRIKE_TIME = "x-grafana-alerting-timestamp", "x-cs-delivery-timestamp"


def fault_of(
    headers: Mapping[str, str], body: bytes, secrets: Iterable[bytes], now: float, secret_header: str
) -> str | None:
    """Return why a request is not authentic; None: it is.

    Parameters
    ----------
    headers
        Names in lower case.
    secrets
        The versions of the secret that are accepted; none of them may be empty.
    now
        Seconds since the epoch.
    secret_header
        Further header that may contain the secret, in lower case. Empty: none.
    """
    sent = [*_sent(headers, secret_header)]
    signed = [*_signed(headers, body)]
    if not sent and not signed:
        return MISSING
    is_authentic = is_too_old = False
    # Without a shortcut: neither the version nor the way that matches is visible in the time that this takes.
    for secret in secrets:
        for value in sent:
            is_authentic |= hmac.compare_digest(value, secret)
        for signature, content, time in signed:
            matches = hmac.compare_digest(signature, hmac.digest(secret, content, hashlib.sha256))
            is_fresh = time is None or _is_fresh(time, now)
            is_authentic |= matches and is_fresh
            is_too_old |= matches and not is_fresh
    if is_authentic:
        return None
    return TOO_OLD if is_too_old else WRONG


def _sent(headers: Mapping[str, str], secret_header: str) -> Iterator[bytes]:
    """List the values that the sender claims to be the secret."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield _bytes(value.strip())
    elif scheme.lower() == "basic":
        _, colon, password = _from_base64(value.strip()).partition(b":")
        if colon:
            yield password
    if secret_header and secret_header in headers:
        yield _bytes(headers[secret_header])


def _signed(headers: Mapping[str, str], body: bytes) -> Iterator[tuple[bytes, bytes, str | None]]:
    """List the signatures, each with the bytes that it signs, and the time among them."""
    if _GITHUB in headers:
        yield _from_hex(headers[_GITHUB].removeprefix("sha256=")), body, None
    if _GRAFANA in headers:
        time = headers.get(_GRAFANA_TIME)
        yield _from_hex(headers[_GRAFANA]), body if time is None else _bytes(time) + b":" + body, time
    if _CROWDSTRIKE in headers:
        time = headers.get(_CROWDSTRIKE_TIME, "")
        yield _from_base64(headers[_CROWDSTRIKE]), body + _bytes(time), time


def _is_fresh(time: str, now: float) -> bool:
    instant = parse_instant(time)
    return instant is not None and abs(instant.timestamp() - now) <= MAX_AGE_SECONDS


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

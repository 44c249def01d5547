"""Addresses of receivers in settings and secrets."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def receiver_address(text: str) -> str:
    """Validate an address to which secrets are sent; return it without a trailing slash.

    Raises
    ------
    ValueError
        If it is not an `https` address. `http` is accepted for loopback addresses, which tests and the demo use. The
        message does not contain the address, which may be a secret.
    """
    parts = urlsplit(text)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("must be an address without credentials, such as https://api.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must begin with https://; http:// is allowed for loopback addresses only")
    return text.rstrip("/")


ReceiverAddress = Annotated[str, AfterValidator(receiver_address)]
"""The address of a receiver in settings."""

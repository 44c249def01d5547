"""Addresses of receivers, as settings and secrets give them."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def receiver_address(text: str) -> str:
    """Return an address that secrets may be sent to, without a slash at its end.

    Raises
    ------
    ValueError
        Unless it is `https`; `http` is taken for this machine alone, where tests and the demo have their receivers. The
        message does not quote it: it may be a secret itself.
    """
    parts = urlsplit(text)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("must be an address such as https://api.example.com, without credentials")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must begin with https://; http:// is for this machine alone")
    return text.rstrip("/")


ReceiverAddress = Annotated[str, AfterValidator(receiver_address)]
"""A setting that is the address of a receiver."""

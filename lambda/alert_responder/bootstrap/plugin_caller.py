"""Builds the caller of plug-ins, for coordinator and runner."""

import socket
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from alert_responder.adapters.plugins import LambdaPlugins
from alert_responder.domain.records import CHUNK_SIZE

SPARE_SECONDS = 15
"""Time that the client waits beyond the longest call [s]."""

KEEPALIVE_SECONDS = 120
"""Idle time after which a connection is probed [s]: NAT gateways forget one after 350 s, Linux begins after 7,200 s."""


@cache
def plugins(longest_seconds: int) -> LambdaPlugins:
    """Build the caller for calls of at most `longest_seconds`."""
    # The client waits longer than any call and never repeats a request, so that it is known whether a plug-in ran.
    config = Config(
        connect_timeout=5,
        read_timeout=longest_seconds + SPARE_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=4 * CHUNK_SIZE,
        tcp_keepalive=True,
    )
    client = boto3.client("lambda", config=config)
    _probe_early(client)
    return LambdaPlugins(client, ThreadPoolExecutor(4 * CHUNK_SIZE))


def _probe_early(client: Any) -> None:
    """Set the time of the first keep-alive probe, for which botocore has no setting."""
    session = getattr(getattr(client, "_endpoint", None), "http_session", None)
    options = getattr(session, "_socket_options", None)
    if isinstance(options, list):
        options.append((socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS))

"""Builds the caller of plug-ins, for coordinator and runner."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import boto3
from botocore.config import Config

from alert_responder.adapters.plugins import LambdaPlugins
from alert_responder.domain.records import CHUNK_SIZE

SPARE_SECONDS = 15
"""Time that the client waits beyond the longest call [s]."""


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
    return LambdaPlugins(boto3.client("lambda", config=config), ThreadPoolExecutor(4 * CHUNK_SIZE))

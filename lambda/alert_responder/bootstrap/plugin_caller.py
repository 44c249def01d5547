"""Builds what calls plug-ins, for coordinator and runner."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import boto3
from botocore.config import Config

from alert_responder.adapters.plugins import LambdaPlugins
from alert_responder.domain.records import CHUNK_SIZE

SPARE_SECONDS = 15
"""How much longer than the longest task the client waits [seconds]."""


@cache
def plugins(longest_seconds: int) -> LambdaPlugins:
    """Make the caller of plug-ins for tasks of at most so long."""
    # The client outlives every task it serves, and never sends a request twice: whether a plug-in ran must stay known.
    config = Config(
        connect_timeout=5,
        read_timeout=longest_seconds + SPARE_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=4 * CHUNK_SIZE,
        tcp_keepalive=True,
    )
    return LambdaPlugins(boto3.client("lambda", config=config), ThreadPoolExecutor(4 * CHUNK_SIZE))

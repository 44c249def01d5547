"""What all functions share: the clock, the table and its stores."""

import gc
import secrets
import time
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from alert_responder.adapters.dynamodb import DynamoDBTable

CONNECTIONS = 16
"""Connections to a service, and groups stored or tasks written at once: we wait for AWS far more than we work."""


def now() -> int:
    """Return the time [ms since the epoch]."""
    return time.time_ns() // 1_000_000


def new_token() -> str:
    """Make a name nobody else has."""
    return secrets.token_hex(16)


@cache
def client(service: str) -> Any:
    """Make a client of a service."""
    # What is loaded by now is there for good: the collector need not go through it at every full collection.
    gc.freeze()
    return boto3.client(service, config=_config(service))  # type: ignore[call-overload]


def _config(service: str) -> Config:
    # One more try than the default, short waits: a step of ours is retried whole by its caller as well.
    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=CONNECTIONS,
    )
    if service == "dynamodb":
        # The mode with waits of DynamoDB's own: 50 ms, doubled, 6.35 s in all; see docs/decisions/0051.
        return config.merge(Config(retries={"mode": "legacy", "total_max_attempts": 8}))
    return config


@cache
def table(name: str) -> DynamoDBTable:
    """Make the table."""
    return DynamoDBTable(client("dynamodb"), name)

"""Parts that all functions share: the clock, the clients, and the table."""

import gc
import secrets
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config

from alert_responder.adapters.dynamodb import DynamoDBTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_stepfunctions import SFNClient

CONNECTIONS = 16
"""Connections to a service, and groups or lookups written in parallel: the functions mostly wait for AWS."""


def now() -> int:
    """Return the time [ms since the epoch]."""
    return time.time_ns() // 1_000_000


def new_token() -> str:
    """Return a unique name."""
    return secrets.token_hex(16)


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["stepfunctions"]) -> "SFNClient": ...
@cache
def client(service: Any) -> Any:
    """Create a client of a service."""
    # Everything imported so far stays in memory: full collections need not visit it.
    gc.freeze()
    return boto3.client(service, config=_config(service))


def _config(service: str) -> Config:
    # One more attempt than the default, with short waits: the caller also retries each step as a whole.
    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=CONNECTIONS,
    )
    if service == "dynamodb":
        # The mode with DynamoDB's own waits: 50 ms, doubled, 6.35 s in total; see docs/decisions/0051.
        return config.merge(Config(retries={"mode": "legacy", "total_max_attempts": 8}))
    return config


@cache
def table(name: str) -> DynamoDBTable:
    """Create the table."""
    return DynamoDBTable(client("dynamodb"), name)

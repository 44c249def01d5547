"""Errors of AWS APIs, and the configuration of clients."""

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    IncompleteReadError,
    ReadTimeoutError,
)

from alert_responder.adapters.aws_errors import error_code

_THROTTLING = {
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "UnauthorizedOperation",
}


def is_throttling(error: ClientError) -> bool:
    """Whether the call was throttled, and may succeed later."""
    return error_code(error) in _THROTTLING


def is_denied(error: ClientError) -> bool:
    """Whether the role lacks the permission, so that its policies must be changed."""
    return error_code(error) in _DENIED


def is_lost(error: BotoCoreError | ClientError) -> bool:
    """Whether a call that failed may have been carried out: its answer is lost, or an error of the server."""
    if isinstance(error, ClientError):
        # 503: the service did not accept it.
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 and status != 503
    # Without a connection, nothing was sent.
    return isinstance(error, ConnectionClosedError | IncompleteReadError | ReadTimeoutError)


def lookup_config(attempts: int = 3, read_seconds: float = 10) -> Config:
    """Configure a client with short timeouts [s] and at most `attempts` attempts per call [>= 1]."""
    return Config(
        connect_timeout=3,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )

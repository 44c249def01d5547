"""What AWS' refusals mean, and the patience of clients that look something up."""

from botocore.config import Config
from botocore.exceptions import ClientError

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


def error_code(error: ClientError) -> str:
    """Return AWS' name for an error, such as `ThrottlingException`; "" where it has none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_throttling(error: ClientError) -> bool:
    """Whether AWS refused for the rate alone: the same call may succeed later."""
    return error_code(error) in _THROTTLING


def is_denied(error: ClientError) -> bool:
    """Whether the role may not do it: nothing helps but a change of policies."""
    return error_code(error) in _DENIED


def patience(attempts: int = 3, read_seconds: float = 10) -> Config:
    """Configure a client of an inspector: short waits, and at most so many tries of one call [>= 1]."""
    return Config(
        connect_timeout=3,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )

"""MiniStack with AWS's name for the error of a throttled call of a function.

MiniStack calls this error `Lambda.Unknown`, which is AWS's name for the error of a function whose process ended. Rounds
handle the two errors differently. Imported by the server of `tools.emulator`, in the emulator's environment.
"""

from typing import Any

from ministack.app import app  # pyright: ignore[reportMissingImports] - not in this environment
from ministack.services import lambda_svc  # pyright: ignore[reportMissingImports]

__all__ = ["app"]

_unnamed = lambda_svc._throttle_response  # noqa: SLF001 - there is no other way in


def _named(*arguments: Any, **options: Any) -> dict[str, Any]:
    response: dict[str, Any] = _unnamed(*arguments, **options)
    return {**response, "body": {**response["body"], "errorType": "Lambda.TooManyRequestsException"}}


lambda_svc._throttle_response = _named  # noqa: SLF001

"""MiniStack with changes. Imported by the server of `tools.emulator`, in the emulator's environment.

- AWS's name for the error of a throttled call of a function. MiniStack calls it `Lambda.Unknown`, which is AWS's name
  for the error of a function whose process ended. Rounds handle the two errors differently.
- The key of a log group can be changed.
- Processes of Python functions start in a third of the processor time (`workers`), unless `FORK_FUNCTIONS` is 0, as it
  is in benchmarks.
"""

import json
import os
import subprocess
import zipfile
from types import SimpleNamespace
from typing import Any

import workers  # pyright: ignore[reportMissingImports] - the server runs in this folder
from ministack.app import app  # pyright: ignore[reportMissingImports] - not in this environment
from ministack.core import lambda_runtime  # pyright: ignore[reportMissingImports]
from ministack.services import cloudwatch_logs, lambda_svc  # pyright: ignore[reportMissingImports]

__all__ = ["app"]

_unnamed = lambda_svc._throttle_response  # noqa: SLF001 - there is no other way in
_handle = cloudwatch_logs.handle_request


def _named(*arguments: Any, **options: Any) -> dict[str, Any]:
    response: dict[str, Any] = _unnamed(*arguments, **options)
    return {**response, "body": {**response["body"], "errorType": "Lambda.TooManyRequestsException"}}


async def _with_keys(method: str, path: str, headers: Any, body: Any, query: Any) -> Any:
    if headers.get("x-amz-target", "").endswith((".AssociateKmsKey", ".DisassociateKmsKey")):
        request = json.loads(body)
        groups = cloudwatch_logs._log_groups  # noqa: SLF001
        groups[request["logGroupName"]]["kmsKeyId"] = request.get("kmsKeyId")
        return cloudwatch_logs.json_response({})
    return await _handle(method, path, headers, body, query)


lambda_svc._throttle_response = _named  # noqa: SLF001
cloudwatch_logs.handle_request = _with_keys

if os.environ.get("FORK_FUNCTIONS") != "0":
    lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": workers.Template().popen})
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": workers.SharedZip})

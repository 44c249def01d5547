"""A function on Lambda as a target, called by the same code as in AlertResponder."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from alert_responder.adapters.plugins import LambdaPlugins
from alert_responder.errors import PluginUnreachableError
from alert_responder_cli.errors import CommandError

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


class LambdaTarget:
    """See `target.Target`.

    Parameters
    ----------
    client
        A client that does not retry, and whose read timeout exceeds the time limit of calls.
    function
        The function's name or ARN.
    """

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self.name = function
        self._plugins = LambdaPlugins(client, ThreadPoolExecutor(1))

    def call(self, event: Any, seconds: float) -> bytes:
        """Invoke the function as AlertResponder does."""
        try:
            return self._plugins.call(self.name, json.dumps(event).encode(), seconds)
        except PluginUnreachableError as error:
            needed = f" Required permission: lambda:InvokeFunction on {self.name}." if "allowed" in error.reason else ""
            raise CommandError(f"{self.name}: {error.reason}{needed}") from error

    def restart(self) -> None:
        """Do nothing: Lambda decides when to start another process."""

"""Put records on an installation's stream."""

from collections.abc import Sequence

from alert_responder_cli.errors import CommandError
from alert_responder_cli.sending import put
from tools.errors import ToolError
from tools.installation import Installation


def send(installation: Installation, records: Sequence[bytes]) -> None:
    """Put records on the stream, in order as far as their shards go.

    Raises
    ------
    ToolError
        Some were turned away again and again.
    """
    try:
        put(installation.client("kinesis"), installation.stream, records)
    except CommandError as error:
        raise ToolError(str(error)) from error

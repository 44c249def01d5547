"""Bring records back in the local run, as the command line does."""

from collections.abc import Sequence

from alert_responder_cli.errors import CommandError
from alert_responder_cli.rejections import replay_and_look
from alert_responder_cli.replaying import PREFIXES, Replay, objects
from tools.errors import ToolError
from tools.installation import Installation


def replay_archive(installation: Installation, prefixes: Sequence[str] = PREFIXES) -> Replay:
    """Bring back what an installation's archive bucket keeps, or only keys with given beginnings.

    Raises
    ------
    ToolError
        The archive could not be read, or the receptor could not be called.
    """
    try:
        return replay_and_look(installation, objects(installation, prefixes))
    except CommandError as error:
        raise ToolError(f"The replay was broken off, and can be repeated: {error}") from error

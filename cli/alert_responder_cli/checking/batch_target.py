"""An inspector that is attached with `batch_size`: the standard requests are sent to it in batches of one task."""

from collections.abc import Collection
from typing import Any

from alert_responder.domain.lookup_batches import failure_of_batch
from alert_responder.domain.plugin_answers import InvalidAnswerError, split_answers
from alert_responder.errors import PluginFailedError
from alert_responder_cli.checking.target import Target


class BatchTarget:
    """See `Target`.

    Parameters
    ----------
    batch_size
        Maximum number of tasks in a batch, for messages.
    types
        Attribute types that are looked up in batches; None: all.
    """

    def __init__(self, target: Target, batch_size: int, types: Collection[str] | None = None) -> None:
        self._target = target
        self._batch_size = batch_size
        self._types = types

    @property
    def name(self) -> str:
        """Its name for messages."""
        return self._target.name

    def call(self, event: Any, seconds: float) -> bytes:
        """Send a task as a batch, unless its type is looked up alone, and return the answer to it."""
        task = event if isinstance(event, dict) else {}
        if "tasks" in task:
            return self._send(event, seconds)
        if not is_batched(task, self._types):
            return self._target.call(event, seconds)
        try:
            answers = split_answers(self._send({"tasks": [event]}, seconds))
        except InvalidAnswerError as error:
            raise PluginFailedError(error.reason) from None
        return answers.get(str(task.get("task_id")), b"null")

    def _send(self, batch: Any, seconds: float) -> bytes:
        try:
            return self._target.call(batch, seconds)
        except PluginFailedError as error:
            raise PluginFailedError(failure_of_batch(error.reason, self._batch_size)) from None

    def restart(self) -> None:
        """Use a new process for the next call, if possible."""
        self._target.restart()


def is_batched(task: dict[str, Any], types: Collection[str] | None) -> bool:
    """Check whether a task is sent in a batch; an invalid one is."""
    attribute = task.get("attribute")
    return types is None or not isinstance(attribute, dict) or attribute.get("type") in types

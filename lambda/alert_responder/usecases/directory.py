"""The directory of accounts for reports, which are published whether or not it can be read."""

from collections.abc import Callable
from typing import Final

from alert_responder.domain.directory import Directory
from alert_responder.errors import AlertResponderError
from alert_responder.usecases.ports import Clock

RETRY_AFTER_MS: Final = 300_000
"""How long no read is tried after one that failed [ms]."""


class DirectoryReader:
    """Reads the directory, and remembers a failure for five minutes.

    Parameters
    ----------
    directory
        Returns the directory, None if there is none, or raises `AlertResponderError`.
    """

    def __init__(self, directory: Callable[[], Directory | None], clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._failed_at = 0
        self._fault: str | None = None

    def read(self) -> tuple[Directory | None, str | None]:
        """Return the directory, and why it could not be read; it is None then, and if there is none."""
        if self._fault is None or self._clock() - self._failed_at >= RETRY_AFTER_MS:
            try:
                directory = self._directory()
            except AlertResponderError as error:
                self._failed_at, self._fault = self._clock(), str(error)
            else:
                self._fault = None
                return directory, None
        return None, self._fault


NO_DIRECTORY: Final = DirectoryReader(lambda: None, lambda: 0)
"""For an installation without a directory."""

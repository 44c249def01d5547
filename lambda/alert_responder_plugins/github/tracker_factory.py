"""Open the repository for a delivery with the current credentials."""

from github.Auth import Auth

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverRefusedError
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.github.client import GithubTracker, find_installation
from alert_responder_plugins.github.credentials import read_credentials


class TrackerFactory:
    """Opens one repository.

    Credentials are kept as long as the secret does not change: those of an app contain a token that is valid for an
    hour.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        secret: Secret,
        deadline: Deadline,
        seconds_between_writes: float = 1.0,
    ) -> None:
        self._api_url = api_url
        self._repository = repository
        self._secret = secret
        self._deadline = deadline
        self._seconds_between_writes = seconds_between_writes
        self._labels: set[str] = set()
        self._credentials: tuple[str, Auth] | None = None

    def open(self) -> GithubTracker:
        """Return the repository for one delivery."""
        return GithubTracker(
            self._api_url, self._repository, self._auth(), self._deadline, self._labels, self._seconds_between_writes
        )

    def forget_secret(self) -> None:
        """Read the secret again next time."""
        self._secret.forget()
        self._credentials = None

    def _auth(self) -> Auth:
        text = self._secret.value()
        if self._credentials is None or self._credentials[0] != text:
            self._credentials = (text, self._read(text))
        return self._credentials[1]

    def _read(self, text: str) -> Auth:
        try:
            return read_credentials(
                text, lambda app: find_installation(self._api_url, self._repository, app, self._deadline)
            )
        except ReceiverRefusedError:
            # The secret may name the wrong app.
            self.forget_secret()
            raise

"""Open the repository for a delivery: what stays from one delivery to the next, and what does not."""

from github.Auth import Auth

from alert_responder_plugins.common.errors import ReceiverRefusedError
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.github.budget import Budget
from alert_responder_plugins.github.client import GithubTracker, find_installation
from alert_responder_plugins.github.credentials import read_credentials


class Connecting:
    """Opens one repository.

    Credentials are kept as long as the secret is the same: those of an app hold a token that lasts an hour.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        secret: Secret,
        seconds_between_writes: float = 1.0,
    ) -> None:
        self._api_url = api_url
        self._repository = repository
        self._secret = secret
        self._seconds_between_writes = seconds_between_writes
        self._labels: set[str] = set()
        self._known: tuple[str, Auth] | None = None

    def open(self, budget: Budget) -> GithubTracker:
        """Return the repository, for one delivery."""
        return GithubTracker(
            self._api_url,
            self._repository,
            self._auth(budget),
            budget,
            self._labels,
            self._forget,
            self._seconds_between_writes,
        )

    def _auth(self, budget: Budget) -> Auth:
        text = self._secret.value()
        if self._known is None or self._known[0] != text:
            self._known = (text, self._read(text, budget))
        return self._known[1]

    def _read(self, text: str, budget: Budget) -> Auth:
        try:
            return read_credentials(text, lambda app: find_installation(self._api_url, self._repository, app, budget))
        except ReceiverRefusedError:
            self._forget()
            raise

    def _forget(self) -> None:
        self._secret.forget()
        self._known = None

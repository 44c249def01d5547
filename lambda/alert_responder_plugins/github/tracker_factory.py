"""Open the repository for a delivery with the current credentials."""

import time

from pydantic import AwareDatetime, BaseModel, Field

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverRefusedError
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.github.api import GithubApi
from alert_responder_plugins.github.client import GithubTracker
from alert_responder_plugins.github.credentials import App, Token, read_credentials

_RENEW_SECONDS = 60.0
"""A token of an app is renewed this long before it expires [s], longer than a delivery."""


class _Installation(BaseModel):
    id: int


class _InstallationToken(BaseModel):
    token: str = Field(repr=False)
    expires_at: AwareDatetime


class TrackerFactory:
    """Opens one repository.

    Credentials are kept as long as the secret does not change; an app's token is kept until it expires, in an hour.
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
        self._text: str | None = None
        self._credentials: Token | App
        self._installation: int | None = None
        self._token: _InstallationToken | None = None

    def open(self) -> GithubTracker:
        """Return the repository for one delivery."""
        token = self._current_token()
        api = GithubApi(self._api_url, lambda: token, self._deadline, self._seconds_between_writes)
        return GithubTracker(api, self._repository, self._labels)

    def forget_secret(self) -> None:
        """Read the secret again next time."""
        self._secret.forget()
        self._text = None

    def _current_token(self) -> str:
        text = self._secret.value()
        if text != self._text:
            self._credentials = read_credentials(text)
            self._text, self._installation, self._token = text, None, None
        if not isinstance(self._credentials, App):
            return self._credentials.token
        if self._token is None or self._token.expires_at.timestamp() < time.time() + _RENEW_SECONDS:
            try:
                self._token = self._installation_token(self._credentials)
            except ReceiverRefusedError:
                # The secret may name the wrong app.
                self.forget_secret()
                raise
        return self._token.token

    def _installation_token(self, app: App) -> _InstallationToken:
        api = GithubApi(self._api_url, app.jwt, self._deadline)
        if self._installation is None:
            self._installation = app.installation_id or self._found(api)
        path = f"/app/installations/{self._installation}/access_tokens"
        return api.write(_InstallationToken, "POST", path, {}, "create a token of the app")

    def _found(self, api: GithubApi) -> int:
        return api.read(_Installation, f"/repos/{self._repository}/installation", "find the app's installation").id

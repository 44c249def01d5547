"""The contents of the secret: a token, or the private key of a GitHub App."""

import json
from collections.abc import Callable
from typing import Any

from github.Auth import AppAuth, AppInstallationAuth, Auth, Token

from alert_responder_plugins.common.errors import SettingsFaultError

_FORM = (
    "must be a token (as text, or as token in a JSON object), or a JSON object with app_id and private_key, and with "
    "installation_id if the app is installed more than once"
)

FindInstallation = Callable[[AppAuth], int]
"""Returns the id of the app's installation in the repository."""


def read_credentials(text: str, find_installation: FindInstallation) -> Auth:
    """Return credentials for PyGithub from the text of the secret.

    Raises
    ------
    SettingsFaultError
        If the text has another form; the message contains no part of it.
    """
    document = _document(text)
    if document is None:
        return Token(_checked_token(text))
    if "token" in document:
        return Token(_checked_token(document["token"]))
    app_id, key, installation = (document.get(name) for name in ("app_id", "private_key", "installation_id"))
    if not isinstance(app_id, str | int) or not isinstance(key, str) or not app_id or not key:
        raise SettingsFaultError(f"The secret {_FORM}.")
    app = AppAuth(app_id, key)
    _check_key(app)
    if installation is None:
        return AppInstallationAuth(app, find_installation(app))
    if not str(installation).isdecimal():
        raise SettingsFaultError("The secret's installation_id must be a number.")
    return AppInstallationAuth(app, int(installation))


def _document(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        raise SettingsFaultError(f"The secret is not valid JSON; it {_FORM}.") from None
    return document if isinstance(document, dict) else None


def _checked_token(token: object) -> str:
    # A token with other characters is not valid in a header, and the HTTP client's error would contain it.
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
        raise SettingsFaultError(f"The secret {_FORM}.")
    return token


def _check_key(app: AppAuth) -> None:
    try:
        app.create_jwt()
    except Exception:  # noqa: BLE001 - every kind of invalid key raises another error, whose text may contain the key
        raise SettingsFaultError("The secret's private_key must be an RSA key in PEM format.") from None

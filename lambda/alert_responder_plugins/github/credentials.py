"""What the secret holds: a token, or the key of a GitHub App."""

import json
from collections.abc import Callable
from typing import Any

from github.Auth import AppAuth, AppInstallationAuth, Auth, Token

from alert_responder_plugins.common.errors import SettingsFaultError

_FORM = (
    "has to be a token (text, or JSON with token), or JSON with app_id and private_key, and with installation_id if "
    "the app is installed more than once"
)

FindInstallation = Callable[[AppAuth], int]
"""Asks GitHub which installation of an app is that of the repository."""


def read_credentials(text: str, find_installation: FindInstallation) -> Auth:
    """Make what PyGithub authenticates with of a secret's text.

    Raises
    ------
    SettingsFaultError
        If it is of no such form; the message holds nothing of it.
    """
    document = _document(text)
    if document is None:
        return Token(_word(text))
    if "token" in document:
        return Token(_word(document["token"]))
    app_id, key, installation = (document.get(name) for name in ("app_id", "private_key", "installation_id"))
    if not isinstance(app_id, str | int) or not isinstance(key, str) or not app_id or not key:
        raise SettingsFaultError(f"The secret {_FORM}.")
    app = AppAuth(app_id, key)
    _try_key(app)
    if installation is None:
        return AppInstallationAuth(app, find_installation(app))
    if not str(installation).isdecimal():
        raise SettingsFaultError("The secret's installation_id has to be a number.")
    return AppInstallationAuth(app, int(installation))


def _document(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        raise SettingsFaultError(f"The secret is no valid JSON; it {_FORM}.") from None
    return document if isinstance(document, dict) else None


def _word(token: object) -> str:
    # Anything else could not stand in a header, and the error of whoever tries would show it.
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
        raise SettingsFaultError(f"The secret {_FORM}.")
    return token


def _try_key(app: AppAuth) -> None:
    try:
        app.create_jwt()
    except Exception:  # noqa: BLE001 - each kind of broken key has an error of its own, and its words may quote the key
        raise SettingsFaultError("The secret's private_key is no RSA key in PEM form.") from None

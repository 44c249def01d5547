"""The contents of the secret: a token, or the private key of a GitHub App."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from alert_responder_plugins.common.errors import SettingsFaultError

_FORM = (
    "must be a token (as text, or as token in a JSON object), or a JSON object with app_id and private_key, and with "
    "installation_id if the app is installed more than once"
)
_CLOCK_SKEW_SECONDS = 60
_JWT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Token:
    """A personal access token."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App.

    Attributes
    ----------
    sign
        Signs bytes with the app's private key (RSA with SHA-256).
    installation_id
        Its installation in the repository; None: GitHub is asked.
    """

    app_id: str
    sign: Callable[[bytes], bytes] = field(repr=False)
    installation_id: int | None = None

    def jwt(self) -> str:
        """Return a JSON web token that is valid for a few minutes, as GitHub requires it."""
        now = int(time.time())
        claims = {"iat": now - _CLOCK_SKEW_SECONDS, "exp": now + _JWT_SECONDS, "iss": self.app_id}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        return f"{signed}.{_encoded(self.sign(signed.encode()))}"


def read_credentials(text: str) -> Token | App:
    """Return the credentials in the text of the secret.

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
    sign = _signer(key)
    if installation is not None and not str(installation).isdecimal():
        raise SettingsFaultError("The secret's installation_id must be a number.")
    return App(str(app_id), sign, None if installation is None else int(installation))


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


def _signer(pem: str) -> Callable[[bytes], bytes]:
    # Imported here, because only apps need it: the public layer has it, a custom layer may not.
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise SettingsFaultError(
            "A GitHub App needs the Python package cryptography, which the layers in lambda_layer_arns do not have; "
            "add it to them, or use a token."
        ) from None
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except Exception:  # noqa: BLE001 - every kind of invalid key raises another error, whose text may contain the key
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SettingsFaultError("The secret's private_key must be an RSA key in PEM format.")
    return lambda data: key.sign(data, PKCS1v15(), SHA256())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()

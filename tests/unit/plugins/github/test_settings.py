"""Settings and credentials: valid and invalid ones, and error messages without secrets."""

import json
import sys
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.github.credentials import App, Token, read_credentials
from alert_responder_plugins.github.settings import GithubSettings

CANARY = "github_pat_11CANARY"
ENVIRONMENT = {
    "EMITTER": "github",
    "REPOSITORY": "example/incidents",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:github-AbCdEf",
    "TABLE_NAME": "secops",
}


def test_defaults() -> None:
    settings = read_settings(GithubSettings, ENVIRONMENT)

    assert settings.api_url == "https://api.github.com"
    assert settings.label_prefix == "severity: "


@pytest.mark.parametrize(
    "url", ["https://github.example.com/api/v3", "https://github.example.com:8443/api/v3/", "http://127.0.0.1:8080"]
)
def test_valid_address(url: str) -> None:
    assert read_settings(GithubSettings, {**ENVIRONMENT, "API_URL": url}).api_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_URL", "http://github.example.com/api/v3"),
        ("API_URL", "http://127.0.0.1.evil.example/"),
        ("API_URL", "https://user:pass@github.example.com"),
        ("API_URL", "https://github.example.com/?a=b"),
        ("REPOSITORY", "incidents"),
        ("REPOSITORY", "example/incidents/issues"),
        ("REPOSITORY", "example/inc idents"),
        ("LABEL_PREFIX", "x" * 39),
        ("LABEL_PREFIX", "a,b"),
        ("EMITTER", ""),
    ],
)
def test_invalid_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsFaultError, match=name):
        read_settings(GithubSettings, {**ENVIRONMENT, name: value})


@pytest.fixture(scope="module")
def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.mark.parametrize("text", [CANARY, json.dumps({"token": CANARY})])
def test_token(text: str) -> None:
    made = read_credentials(text)

    assert isinstance(made, Token)
    assert made.token == CANARY


@pytest.mark.parametrize("installation", [4711, "4711", None])
def test_app(pem: str, installation: Any) -> None:
    text = json.dumps({"app_id": 77, "private_key": pem, "installation_id": installation})
    made = read_credentials(text)

    assert isinstance(made, App)
    assert (made.app_id, made.installation_id) == ("77", installation and 4711)
    assert "PRIVATE" not in repr(made)


def test_web_token_of_an_app_is_valid_for_a_few_minutes(pem: str) -> None:
    app = read_credentials(json.dumps({"app_id": 77, "private_key": pem}))
    assert isinstance(app, App)
    public_key = load_pem_private_key(pem.encode(), None).public_key()
    claims = jwt.decode(app.jwt(), public_key, algorithms=["RS256"])  # type: ignore[arg-type]

    assert claims["iss"] == "77"
    assert claims["exp"] - claims["iat"] <= 600


def test_app_without_cryptography_in_the_layers(pem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.padding", None)
    with pytest.raises(SettingsFaultError, match="needs the Python package cryptography"):
        read_credentials(json.dumps({"app_id": 77, "private_key": pem}))


@pytest.mark.parametrize(
    "text",
    [
        f"{CANARY} {CANARY}",
        f"{CANARY}\nX-Header: a",
        f"{CANARY}ü",
        "",
        "{" + CANARY,
        json.dumps({"other": CANARY}),
        json.dumps({"token": 7, "other": CANARY}),
        json.dumps({"token": ""}),
        json.dumps({"app_id": "77", "private_key": CANARY}),
        json.dumps({"app_id": "77", "private_key": f"-----BEGIN {'RSA'} PRIVATE KEY-----\n{CANARY}\n-----END"}),
        json.dumps({"app_id": [CANARY], "private_key": "x"}),
    ],
)
def test_invalid_secret_is_not_quoted(text: str) -> None:
    with pytest.raises(SettingsFaultError) as caught:
        read_credentials(text)

    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_installation_id_must_be_a_number(pem: str) -> None:
    text = json.dumps({"app_id": "77", "private_key": pem, "installation_id": "x"})
    with pytest.raises(SettingsFaultError, match="installation_id must be a number"):
        read_credentials(text)

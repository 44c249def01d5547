"""Settings and credentials: valid and invalid ones, and error messages without secrets."""

import json
from typing import Any, NoReturn

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from github.Auth import AppAuth, AppInstallationAuth, Token

from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.github.credentials import read_credentials
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


def no_lookup(app: AppAuth) -> NoReturn:
    raise AssertionError("GitHub must not be called")


@pytest.mark.parametrize("text", [CANARY, json.dumps({"token": CANARY})])
def test_token(text: str) -> None:
    made = read_credentials(text, no_lookup)

    assert isinstance(made, Token)
    assert made.token == CANARY


@pytest.mark.parametrize("installation", [4711, "4711"])
def test_app_of_an_installation(pem: str, installation: Any) -> None:
    text = json.dumps({"app_id": 77, "private_key": pem, "installation_id": installation})
    made = read_credentials(text, no_lookup)

    assert isinstance(made, AppInstallationAuth)
    assert (made.app_id, made.installation_id) == ("77", 4711)


def test_app_whose_installation_is_looked_up(pem: str) -> None:
    made = read_credentials(json.dumps({"app_id": "77", "private_key": pem}), lambda _: 12)

    assert isinstance(made, AppInstallationAuth)
    assert made.installation_id == 12


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
        read_credentials(text, no_lookup)

    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_installation_id_must_be_a_number(pem: str) -> None:
    text = json.dumps({"app_id": "77", "private_key": pem, "installation_id": "x"})
    with pytest.raises(SettingsFaultError, match="installation_id must be a number"):
        read_credentials(text, no_lookup)

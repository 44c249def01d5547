"""Addresses to which secrets may be sent."""

import pytest

from alert_responder_plugins.common.addresses import receiver_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://slack.com/api/", "https://slack.com/api"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost/api", "http://localhost/api"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_valid_address(text: str, address: str) -> None:
    assert receiver_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "slack.com",
        "http://slack.com",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "https://user:secret@slack.com",
        "ftp://slack.com",
        "https://",
        "https://[",
    ],
)
def test_invalid_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|must begin|Invalid IPv6") as refused:
        receiver_address(text)

    assert "secret" not in str(refused.value)

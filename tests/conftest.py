"""What holds for every test: its folder says its tier, and the tier says what it may touch."""

import functools
import socket
import sys
from pathlib import Path
from typing import NoReturn

import botocore.loaders
import pytest
from hypothesis import settings

# A busy machine is no failure, and CI must say the same twice.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.register_profile("quick", settings.get_profile("project"), max_examples=10)
settings.load_profile("project")

RECURSION_LIMIT = 1000
"""Python's own, as on Lambda. jsonata, which tests of another tier use, raises it for the whole process."""

TESTS = Path(__file__).parent
TIERS = ("unit", "plan", "integration")


def pytest_configure() -> None:
    """Read AWS's models of its services once: each session has a loader of its own, which would read them again."""
    botocore.loaders.create_loader = functools.cache(botocore.loaders.create_loader)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, and run the fast tiers first."""
    for item in items:
        item.add_marker(_tier(item))
    items.sort(key=lambda item: TIERS.index(_tier(item)))


@pytest.fixture(autouse=True)
def _only_what_the_tier_may_touch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Close sockets to unit tests, and keep the user's AWS and Terraform settings from every test."""
    if _tier(request.node) == "unit":
        sys.setrecursionlimit(RECURSION_LIMIT)
        monkeypatch.setattr(socket.socket, "connect", _refuse)
        monkeypatch.setattr(socket.socket, "connect_ex", _refuse)
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _tier(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _refuse(*_: object) -> NoReturn:
    raise AssertionError("A unit test must not open a connection.")

"""Rules for all tests: the folder determines a test's tier, and the tier what it may access."""

import functools
import gc
import importlib.util
import socket
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# Tests must not fail on a busy machine, and each CI run must give the same result.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.register_profile("quick", settings.get_profile("project"), max_examples=10)
settings.load_profile("project")

RECURSION_LIMIT = 1000
"""Python's default, as on Lambda. jsonata, which tests of another tier use, raises it for the whole process."""

TESTS = Path(__file__).parent
TIERS = ("unit", "plan", "integration")


def pytest_configure() -> None:
    """Load botocore's service models once: otherwise the loader of each session loads them again."""
    if importlib.util.find_spec("botocore") is None:  # in the environment of `make mutation`
        return
    import botocore.session

    # Not in `botocore.loaders`: plug-ins and other conftests may have imported the session already.
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, and run the fast tiers first."""
    for item in items:
        item.add_marker(_tier(item))
    items.sort(key=lambda item: TIERS.index(_tier(item)))


def pytest_collection_finish() -> None:
    """Keep collected tests and loaded modules out of garbage collections: they stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _only_what_the_tier_may_touch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block sockets and remove the user's AWS settings in unit tests."""
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

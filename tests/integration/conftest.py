"""Emulated AWS accounts with the local example, shared by all integration tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.faults import FaultProxy
from tests.integration.pipeline import Pipeline
from tools import saved_installations
from tools.saved_installations import Recipe

INSPECTION_TIMEOUT_SECONDS = 15
"""Allows for functions that start slowly while other tests keep the machine busy."""

VARIABLES = {
    "inspection_delay_seconds": 0,
    "inspection_timeout_seconds": INSPECTION_TIMEOUT_SECONDS,
    "max_inspections_per_report": 24,
    "name": "test",
    "stream_shard_count": 2,
    "update_interval_seconds": 1,
}
RECIPE = Recipe(VARIABLES)


@pytest.fixture(scope="session")
def pipeline() -> Iterator[Pipeline]:
    """The real module, applied to MiniStack with IAM enforced."""
    with installed() as pipeline:
        yield pipeline


@pytest.fixture(scope="module")
def faults() -> Iterator[FaultProxy]:
    """The proxy that injects faults into the calls of the functions of `struck_pipeline`."""
    with FaultProxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def struck_pipeline(faults: FaultProxy) -> Iterator[Pipeline]:
    """Another installation, whose functions call AWS through `faults`; removed with its account."""
    with saved_installations.started(RECIPE, settings={"AWS_ENDPOINT_URL": faults.endpoint}) as started:
        faults.start(started.emulator.account)
        yield Pipeline(started.installation, started.example)


@contextmanager
def installed(recipe: Recipe = RECIPE) -> Iterator[Pipeline]:
    """Start an installation from its saved state, and remove it with its account."""
    with saved_installations.started(recipe) as started:
        yield Pipeline(started.installation, started.example)

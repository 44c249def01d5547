"""Emulated AWS accounts with the local example applied, shared by all tests of the tier."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.faults import FaultProxy
from tests.integration.pipeline import Pipeline
from tools.emulator import Emulator
from tools.installation import LocalExample

VARIABLES = {
    "inspection_delay_seconds": 0,
    "inspection_timeout_seconds": 6,
    "max_inspections_per_report": 24,
    "name": "test",
    "stream_shard_count": 2,
    "update_interval_seconds": 1,
}


@pytest.fixture(scope="session")
def pipeline() -> Iterator[Pipeline]:
    """The real module, applied to MiniStack with IAM enforced; destroyed in the end, when nothing may be left."""
    with tempfile.TemporaryDirectory(prefix="alert-responder-test-") as folder, Emulator() as emulator:
        made = apply_example(emulator, Path(folder), plan_again=True)
        yield made
        if "KEEP_EMULATED_ACCOUNT" not in os.environ:
            made.example.terraform.destroy()
            assert made.leftovers() == []


@pytest.fixture(scope="module")
def faults() -> Iterator[FaultProxy]:
    """What strikes at the calls of the functions of `struck_pipeline`."""
    with FaultProxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def struck_pipeline(faults: FaultProxy) -> Iterator[Pipeline]:
    """Another one, whose functions reach AWS through `faults`; it ends with its account."""
    through = {"AWS_ENDPOINT_URL": faults.endpoint}
    with tempfile.TemporaryDirectory(prefix="alert-responder-test-") as folder, Emulator(settings=through) as emulator:
        faults.start(emulator.account)
        yield apply_example(emulator, Path(folder))


def apply_example(
    emulator: Emulator, folder: Path, variables: Mapping[str, Any] | None = None, *, plan_again: bool = False
) -> Pipeline:
    """Apply the local example with the variables of the tests, some of them otherwise."""
    example = LocalExample(emulator.account, folder, {**VARIABLES, **(variables or {})})
    made = Pipeline(example.apply(), example)
    if plan_again:
        made.second_plan = example.terraform.pending_changes()
    return made

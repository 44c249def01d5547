"""One emulated AWS account with the local example applied, shared by all tests of the tier."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pipeline import Pipeline
from tools.emulator import Emulator
from tools.installation import LocalExample

VARIABLES = {
    "inspection_delay_seconds": 0,
    "inspection_timeout_seconds": 6,
    "name": "test",
    "stream_shard_count": 2,
    "update_interval_seconds": 1,
}


@pytest.fixture(scope="session")
def pipeline() -> Iterator[Pipeline]:
    """The real module, applied to MiniStack with IAM enforced, and destroyed in the end."""
    with tempfile.TemporaryDirectory(prefix="alert-responder-test-") as folder, Emulator() as emulator:
        example = LocalExample(emulator.account, Path(folder), VARIABLES)
        installation = example.apply()
        made = Pipeline(installation, example, second_plan=example.terraform.pending_changes())
        # Every function at work is a process here: hundreds at once would only wait for each other.
        for function in ("coordinator", "runner"):
            installation.client("lambda").put_function_concurrency(
                FunctionName=f"{installation.name}-{function}", ReservedConcurrentExecutions=6
            )
        yield made
        if "KEEP_EMULATED_ACCOUNT" not in os.environ:
            example.terraform.destroy()

"""Distributes tests to several workers: ``pytest -p tests.scheduler --numprocesses 4 --dist loadscope``."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tests that mostly wait run first, so that quick tests run meanwhile.
FIRST = ("tests/integration/test_documented_blocks.py", "tests/integration/", "tests/plan/", "tests/unit/")

# These files share one plan, which is slow to make; one file does not use it.
PLANS = "tests/plan/"
WITHOUT_THE_PLAN = "tests/plan/test_validations.py"


class Scheduler(LoadScopeScheduling):
    """Gives a worker one file at a time, and the files that share a plan as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return PLANS if file.startswith(PLANS) and file != WITHOUT_THE_PLAN else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduler:
    """Use `Scheduler`."""
    return Scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests by `FIRST`."""
    items.sort(key=lambda item: next(place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)))

"""How tests are shared among several workers: ``pytest -p tests.scheduler --numprocesses 4 --dist loadscope``."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What waits most begins first, so that the quick tests fill the waits.
FIRST = ("tests/integration/test_documented_blocks.py", "tests/integration/", "tests/plan/", "tests/unit/")

# Its files share one plan, which takes long to make. Only this one has others of its own.
PLANS = "tests/plan/"
WITHOUT_THE_PLAN = "tests/plan/test_validations.py"


class Scheduler(LoadScopeScheduling):
    """Gives a worker one file at a time, and the files that share a plan as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return PLANS if file.startswith(PLANS) and file != WITHOUT_THE_PLAN else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduler:
    """Have tests shared by `Scheduler`."""
    return Scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in the order of `FIRST`."""
    items.sort(key=lambda item: next(place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)))

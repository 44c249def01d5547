"""Each rule of the protocol is needed: without it something goes wrong that the machine's checks see.

The code itself is changed, in memory, and a schedule is replayed that ends well with the rule and badly without it. A
kept schedule is the honest form for every day: it says in a few lines what the rule is for, takes milliseconds, and
fails when the rule, the check or the schedule has lost its point. It does not show that the machine would come upon
such a schedule by itself; that is what the long run shows, by looking for one:

    PROTOCOL_EXAMPLES=10000 make unit

When code has changed so that a schedule misses its moment, that search prints another.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.protocol import machine
from tests.unit.protocol.machine import Machine, replay
from tests.unit.protocol.mutants import MUTANTS
from tests.unit.protocol.schedules import COVERED, SCHEDULES

LONG = os.environ.get("PROTOCOL_EXAMPLES")
pytestmark = pytest.mark.timeout(0 if LONG else 300)


def test_every_rule_has_a_schedule_or_a_reason() -> None:
    assert MUTANTS.keys() == SCHEDULES.keys() | COVERED.keys()
    assert not SCHEDULES.keys() & COVERED.keys()


@pytest.mark.parametrize("name", SCHEDULES)
def test_without_the_rule_its_schedule_ends_badly(name: str) -> None:
    what, schedule = SCHEDULES[name]
    replay(schedule)
    with MUTANTS[name].applied(), pytest.raises(AssertionError, match=what):
        replay(schedule)


@pytest.mark.parametrize("name", COVERED)
def test_others_make_up_for_the_rule(name: str) -> None:
    _, schedule = COVERED[name]
    replay(schedule)
    with MUTANTS[name].applied():
        replay(schedule)


if LONG:

    @pytest.mark.parametrize("name", SCHEDULES)
    def test_the_machine_finds_out_by_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Within as many examples as the long run has; how many it took is printed."""
        made = 0

        class Counted(Machine):
            def __init__(self) -> None:
                nonlocal made
                made += 1
                super().__init__()

        search = settings(
            max_examples=int(LONG or 0),
            stateful_step_count=30,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        )
        found = None
        with MUTANTS[name].applied():
            try:
                run_state_machine_as_test(Counted, settings=search)
            except Exception as error:  # noqa: BLE001 - without its rule the code may break in any way
                found = error
        with capsys.disabled():
            print(f"\n{name}: {made} examples, {found!r:.150}\n    {machine.last}")
        assert found is not None, f"not found in {made} examples"

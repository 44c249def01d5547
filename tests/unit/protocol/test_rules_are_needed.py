"""Each rule of the protocol is needed: without it something goes wrong that the machine's checks see.

The code itself is changed, in memory, and a schedule is replayed that ends well with the rule and badly without it. A
kept schedule is the honest form for every day: it says in a few lines what the rule is for, takes milliseconds, and
fails when the rule, the check or the schedule has lost its point. It does not show that the machine would come upon
such a schedule by itself; how long that takes, `search` measures. When code has changed so that a schedule misses its
moment, that search prints another:

    python -m tests.unit.protocol.search --verbose NAME
"""

import pytest

from tests.unit.protocol.machine import replay
from tests.unit.protocol.mutants import MUTANTS
from tests.unit.protocol.schedules import COVERED, SCHEDULES


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

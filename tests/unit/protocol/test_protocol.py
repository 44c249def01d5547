"""Any interleaving, any fault: each alert in one report, each report whole, each delivery made once or known not to be.

`make test` runs the same 200 examples each time. A long run draws other examples each time:

    PROTOCOL_EXAMPLES=10000 make unit

`PROTOCOL_WITHOUT` takes a rule out of the code, by its name in `mutants.py`: the run then fails with a schedule that
needs the rule.
"""

import os
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.memory import Crash
from tests.unit.protocol.actors import Actor
from tests.unit.protocol.fresh_examples import FRESH
from tests.unit.protocol.machine import STEPS_OF_AN_EXAMPLE, Machine
from tests.unit.protocol.mutants import MUTANTS

LONG = os.environ.get("PROTOCOL_EXAMPLES")
WITHOUT = os.environ.get("PROTOCOL_WITHOUT")
pytestmark = pytest.mark.timeout(0 if LONG else 300)

TestProtocol = Machine.TestCase
TestProtocol.settings = settings(
    backend=FRESH,
    max_examples=int(LONG or 200),
    stateful_step_count=STEPS_OF_AN_EXAMPLE,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow],  # A busy machine does not fail the test.
)


@pytest.fixture(autouse=True, scope="module")
def without_a_rule() -> Iterator[None]:
    with MUTANTS[WITHOUT].applied() if WITHOUT else nullcontext():
        yield


def test_an_actor_makes_as_many_calls_as_it_may_and_dies_where_it_is_struck() -> None:
    done: list[int] = []

    def work() -> None:
        for number in range(3):
            if actor.before_call("read") == "crash":
                raise Crash
            done.append(number)

    actor = Actor("somebody", work)
    assert (actor.begun, done) == (False, [])
    actor.advance(0)
    assert (actor.begun, actor.next_call, done) == (True, "read", [])
    actor.advance(2)
    assert (actor.done, done) == (False, [0, 1])
    actor.advance(1, "crash")
    assert (actor.done, type(actor.error), done) == (True, Crash, [0, 1])

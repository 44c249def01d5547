"""Any interleaving, any fault: each alert in one report, each report whole, each delivery made once or known not to be.

`make test` runs the same 200 examples each time. The long run draws others each time:

    PROTOCOL_EXAMPLES=10000 make unit
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.memory import Crash
from tests.unit.protocol.actors import Actor
from tests.unit.protocol.drawing import ANEW
from tests.unit.protocol.machine import STEPS_OF_AN_EXAMPLE, Machine

LONG = os.environ.get("PROTOCOL_EXAMPLES")
pytestmark = pytest.mark.timeout(0 if LONG else 300)

TestProtocol = Machine.TestCase
TestProtocol.settings = settings(
    backend=ANEW,
    max_examples=int(LONG or 200),
    stateful_step_count=STEPS_OF_AN_EXAMPLE,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow],  # A busy machine is no failure.
)


def test_an_actor_goes_as_far_as_it_is_told_and_dies_where_it_is_struck() -> None:
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

"""Another actor between any two calls: the result is as if both had acted one after the other."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.fakes.installation import Installation
from tests.fakes.memory import Faults, Interleaved
from tests.unit.usecases.test_rounds import by_count, event, note, remember

Act = Callable[[Installation], None]


def made() -> Installation:
    return Installation({"note": note}, by_count, {"inbox": remember})


def check(installation: Installation, alerts: int, where: str) -> None:
    """Check that no alert is left over or lost, and that no delivery is made twice."""
    (head,) = installation.heads()
    assert head.state == "settled", where
    report = installation.report()
    assert report["alert_count"] == alerts, where
    assert report["round"] == head.round, where
    assert [f["outcome"] for f in report["findings"]] == ["ok"] * len(report["attributes"]), where
    # A second call of one delivery comes only after the first one's lease is over, and is counted before it is made.
    for (emitter, round_), delivery in installation.deliveries().items():
        ids = [call["emission_id"] for arn, call in installation.plugins.calls if arn == emitter]
        assert sum(name.endswith(f"/{round_:06d}") for name in ids) <= delivery.attempts, where
        assert delivery.outcome in {"ok", "superseded"}, where


def everywhere(prepare: Act, act: Act, somebody: Act, alerts: int) -> None:
    """Let another actor act before each call of `act`, and check the result."""
    counted, calm = Faults(), made()
    prepare(calm)
    calm.strike(counted)
    act(calm)
    for call in range(1, counted.calls + 1):
        racing = made()
        prepare(racing)
        racing.strike(Interleaved(call, partial(somebody, racing)))
        act(racing)
        racing.strike(Faults())
        racing.run_and_sweep()
        check(racing, alerts, f"before call {call}")


def first(installation: Installation) -> None:
    installation.receive(event(1, "example.com"))


def first_settled(installation: Installation) -> None:
    first(installation)
    installation.run()


def second(installation: Installation) -> None:
    installation.receive(event(2, "two.example.com"))


def third(installation: Installation) -> None:
    installation.receive(event(3, "three.example.com"))


def run(installation: Installation) -> None:
    installation.run()


def third_and_run(installation: Installation) -> None:
    third(installation)
    installation.run()


def run_the_same_round(installation: Installation) -> None:
    head = installation.heads()[0]
    installation.run_round(head.report_id, head.round)


def sweep_as_if_dead(installation: Installation) -> None:
    """Have the sweeper treat the running execution as dead: it starts the next round while the old one continues."""
    installation.workflow.running.clear()
    installation.sweep()


RECEIVING: dict[str, tuple[Act, Act, int]] = {
    "two first alerts at once": (lambda _: None, third, 2),
    "an open report is worked on meanwhile": (first, run, 2),
    "a third alert joins an open report": (first, third, 3),
    "a settled report is opened by a third alert": (first_settled, third, 3),
    "a settled report is opened and worked on": (first_settled, third_and_run, 3),
}


@pytest.mark.parametrize("what", RECEIVING)
def test_receptors_can_act_between_any_two_calls_of_a_receptor(what: str) -> None:
    prepare, somebody, alerts = RECEIVING[what]
    everywhere(prepare, second, somebody, alerts)


@pytest.mark.parametrize("somebody", [second, sweep_as_if_dead, run_the_same_round])
def test_others_can_act_between_any_two_calls_of_a_round(somebody: Act) -> None:
    everywhere(first, run, somebody, 2 if somebody is second else 1)


def test_receptors_can_act_and_steps_die_between_any_two_calls_of_a_round() -> None:
    def both(installation: Installation) -> None:
        sweep_as_if_dead(installation)
        second(installation)

    everywhere(first, run, both, 2)

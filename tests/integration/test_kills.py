"""A function's process is killed at each of its AWS calls: the step can be run again, with the same result."""

import os
from collections.abc import Callable

from tests.integration.pipeline import Pipeline
from tests.integration.round_steps import Kill, Stepper

WHEN = tuple(os.environ.get("KILLS", "after").split(","))
"""Before or after each call; `KILLS=before,after` for both."""


def test_every_step_can_be_run_again_after_a_kill_at_any_call(
    pipeline: Pipeline, record_property: Callable[[str, object], None]
) -> None:
    # Stop the sweeper, which would find rounds without an execution.
    with pipeline.rounds_held_back(), Stepper(pipeline) as stepper:
        stepper.run("calm")
        calm = outcome(pipeline, "calm")
        assert calm == (1, "settled", [("reputation", "empty")], [("inbox", "ok")], ["1"])

        for call in range(1, max(stepper.calls.values()) + 1):
            for when in WHEN:
                key = f"killed-{call}-{when}"
                stepper.run(key, Kill(call, when))
                assert outcome(pipeline, key) == calm, key
        record_property("processes killed", stepper.kills)
        assert stepper.kills == sum(stepper.calls.values()) * len(WHEN) >= 20


def outcome(pipeline: Pipeline, key: str) -> tuple[object, ...]:
    """Return the results that must be the same with and without a kill."""
    (status,) = pipeline.of_key(key)
    rounds = [str(emission["report"]["round"]) for emission in pipeline.emissions(status.report_id)]
    return (
        pipeline.report(status)["alert_count"],
        status.head.state,
        [(finding["inspector"], finding["outcome"]) for finding in pipeline.report(status)["findings"]],
        [(delivery.emitter, delivery.outcome) for delivery in status.deliveries],
        rounds,
    )

"""A function's process is killed at each of its calls of AWS: what was begun is done again, once."""

import os
from collections.abc import Callable

from tests.integration.pipeline import Pipeline
from tests.integration.round_steps import Kill, Stepper

WHEN = tuple(os.environ.get("KILLS", "after").split(","))
"""At which side of each call; `KILLS=before,after` for both."""


def test_killed_at_each_call_every_step_can_be_done_again(
    pipeline: Pipeline, record_property: Callable[[str, object], None]
) -> None:
    # The sweeper would find rounds without an execution.
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
    """What is to be the same, killed or not."""
    (status,) = pipeline.of_key(key)
    told = [str(emission["report"]["round"]) for emission in pipeline.told(status.report_id)]
    return (
        pipeline.report(status)["alert_count"],
        status.head.state,
        [(finding["inspector"], finding["outcome"]) for finding in pipeline.report(status)["findings"]],
        [(delivery.emitter, delivery.outcome) for delivery in status.deliveries],
        told,
    )

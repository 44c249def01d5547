"""The planned alarms on recorded metrics: each fault raises the right alarm once, and ordinary days raise none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest
import tftest

from tests.fakes.cloudwatch import READINGS, Alarm, Recording
from tests.plan import conftest, state
from tests.plan.conftest import INTERFACE
from tests.plan.harness import Case
from tests.plan.test_plugin_function import CASES as PLUGINS
from tests.plan.test_quarantine import CASES as QUARANTINE
from tests.plan.test_ready_made import CASES as READY_MADE

CASES = {
    "known": conftest.CASES["known"],
    "options": conftest.CASES["options"],
    "quarantine_functions_dry": QUARANTINE["quarantine_functions_dry"],
    "custom_inspector": PLUGINS["custom_inspector"],
    "policy": READY_MADE["policy"],
    "source_of_findings": Case("modules/eventbridge-source", {"alert_responder": INTERFACE}),
}
INSTALLATIONS = (state.NAME, str(INTERFACE["name"]))

START, DAY = 120, 24 * 60
"""Minute in which faults begin, and the minutes of a day."""


def subject(dimensions: Mapping[str, str]) -> str:
    """Name a metric's subject without its installation; the metrics of an installation have none."""
    if not dimensions:
        return "commands"  # Known after the apply only.
    names = [value for name, value in dimensions.items() if name != "installation"]
    for name in names:
        for installation in INSTALLATIONS:
            if name.startswith(installation):
                return name.removeprefix(installation).removeprefix("-") or "stream"
    return names[0] if names else ""


def alarms_of(plan: tftest.TerraformPlanOutput, *cases: str) -> dict[str, Alarm]:
    """Read the alarms of planned modules by their names, without the installation's."""
    found = {}
    for case in cases:
        module = f"module.{case}."
        for address, resource in plan.resource_changes.items():
            if address.startswith(module) and resource["type"] == "aws_cloudwatch_metric_alarm":
                values = resource["change"]["after"]
                (installation,) = [name for name in INSTALLATIONS if values["alarm_name"].startswith(name)]
                name = values["alarm_name"].removeprefix(f"{installation}-")
                found[name] = Alarm.planned(values, subject)
    return found


@pytest.fixture(name="alarms", scope="module")
def _alarms(plan: tftest.TerraformPlanOutput) -> dict[str, Alarm]:
    return alarms_of(plan, "known", "quarantine_functions_dry", "custom_inspector", "policy", "source_of_findings")


@dataclass(frozen=True)
class Fault:
    """What a fault changes in the recorded metrics while it lasts, and the alarms that it raises.

    Attributes
    ----------
    minutes : int
        How long it lasts.
    changes : dict
        By metric: its value, and after how many minutes it has the next one. None: it has no values.
    raises : str
        Names of the alarms.
    lasting : bool
        Whether each is raised once, until the fault has ended. With few records an alarm may be resolved between them.
    """

    minutes: int
    changes: Mapping[str, tuple[float, int] | None]
    raises: str
    lasting: bool = True


UNREAD = dict.fromkeys([f"receptor/{name}" for name in ("Errors", "Invocations", "IteratorAge", "Throttles")])
"""The receptor is not called."""

FAULTS = {
    "the mapping is disabled": Fault(60, UNREAD, "intake-stopped"),
    "the mapping of a quiet stream is disabled": Fault(
        180, {**UNREAD, "stream/IncomingRecords": (1, 50)}, "intake-stopped", lasting=False
    ),
    "the receptor's role may not read the stream": Fault(
        60, {**UNREAD, "stream/IncomingRecords": (2, 7)}, "intake-stopped", lasting=False
    ),
    "the receptor is throttled all the time": Fault(
        60, {**UNREAD, "receptor/Throttles": (6, 1)}, "function-failures intake-stopped"
    ),
    "the receptor fails for some batches": Fault(20, {"receptor/Errors": (1, 2)}, "function-failures"),
    "the receptor may not use the table": Fault(
        40, {"receptor/Errors": (4, 1), "receptor/IteratorAge": (1_000_000, 1)}, "function-failures iterator-age"
    ),
    "the receptor is throttled now and then": Fault(20, {"receptor/Throttles": (9, 3)}, "function-failures"),
    "the receptor is behind": Fault(30, {"receptor/IteratorAge": (960_000, 1)}, "iterator-age"),
    "the stream is full for a moment": Fault(
        1, {"stream/WriteProvisionedThroughputExceeded": (7, 1)}, "alerts-at-risk"
    ),
    "batches are lost after a long outage": Fault(
        10,
        {"receptor/DestinationDeliveryFailures": (1, 4), "receptor/IteratorAge": (21_700_000, 1)},
        "alerts-at-risk iterator-age",
    ),
    "a record is rejected": Fault(1, {"RejectedAlerts": (1, 1)}, "rejected-alerts"),
    "an unexpected error in a record": Fault(
        1, {"RejectedAlerts": (1, 1), "InternalErrors": (1, 1)}, "rejected-alerts"
    ),
    "the reviewer fails once": Fault(1, {"ReviewsFailed": (1, 1)}, "reviews-failed"),
    "three rounds of a report died": Fault(1, {"ReportsFailed": (1, 1)}, "reviews-failed"),
    "an emitter fails": Fault(1, {"DeliveriesFailed": (1, 1)}, "deliveries-failed"),
    "an inspector is throttled for half an hour": Fault(31, {"InspectionsThrottled": (12, 1)}, "inspections-failed"),
    "an inspector times out in each report": Fault(40, {"InspectionsFailed": (3, 4)}, "inspections-failed"),
    "sweeps cannot start": Fault(
        25, {"dead-letters/NumberOfMessagesSent": (1, 5), "coordinator/Invocations": None}, "function-failures"
    ),
    "sweeps cannot even become dead letters": Fault(
        25, {"sweep/InvocationsFailedToBeSentToDlq": (1, 5), "coordinator/Invocations": None}, "function-failures"
    ),
    "the coordinator is throttled": Fault(
        20, {"coordinator/Throttles": (3, 1), "coordinator/Errors": None}, "function-failures"
    ),
    "the coordinator fails after an upgrade": Fault(25, {"coordinator/Errors": (1, 5)}, "function-failures"),
    "the runner fails": Fault(20, {"runner/Errors": (2, 3)}, "function-failures"),
    "the runner is throttled": Fault(20, {"runner/Throttles": (40, 1)}, "function-failures"),
    "the quarantine reaches a limit": Fault(1, {"quarantine/QuarantineCutOff": (3, 1)}, "quarantine-cut-off"),
    "the quarantine's commands fail": Fault(15, {"commands/Errors": (1, 5)}, "quarantine-errors"),
    "a target cannot be contained": Fault(30, {"quarantine/QuarantineFailed": (1, 5)}, "quarantine-failed"),
    "a containment is undone": Fault(30, {"quarantine/QuarantineUndone": (1, 5)}, "quarantine-undone"),
    "targets cannot be checked": Fault(40, {"quarantine/QuarantineUnseen": (5, 5)}, "quarantine-unseen"),
    "a rule of the policy fails": Fault(1, {"policy/PolicyFaults": (2, 1)}, "policy-faults"),
    "a suppression that matches has expired": Fault(30, {"policy/PolicyFaults": (1, 5)}, "policy-faults"),
    "a user's plug-in fails": Fault(20, {"inspector-who-owns-it/Errors": (1, 4)}, "inspector-who-owns-it-errors"),
    "findings cannot be put on the stream": Fault(
        60, {"findings-dead-letters/ApproximateNumberOfMessagesVisible": (2, 1)}, "findings-dead-letters"
    ),
    "findings cannot be kept in the queue either": Fault(
        3, {"findings-guardduty/InvocationsFailedToBeSentToDlq": (1, 1)}, "findings-default-guardduty-lost"
    ),
}


def ordinary(minutes: int, alerts: Iterable[int]) -> dict[str, dict[int, float]]:
    """Record an installation without faults: sweeps every five minutes, and reports for the alerts of some minutes.

    Lambda writes 0 for the errors and throttles of a function that was called.
    """
    called = {
        "coordinator": dict.fromkeys(range(0, minutes, 5), 1.0),
        "commands": dict.fromkeys(range(2, minutes, 5), 1.0),
        "receptor": dict.fromkeys(alerts, 1.0),
        "runner": {minute + 1: 2.0 for minute in alerts},
        "inspector-who-owns-it": {minute + 1: 1.0 for minute in alerts},
    }
    recording = {
        "stream/IncomingRecords": dict.fromkeys(alerts, 3.0),
        "receptor/IteratorAge": dict.fromkeys(alerts, 900.0),
    }
    for function, calls in called.items():
        recording[f"{function}/Invocations"] = calls
        recording |= {f"{function}/{name}": dict.fromkeys(calls, 0.0) for name in ("Errors", "Throttles")}
    return recording


def changed(recording: Recording, fault: Fault) -> dict[str, dict[int, float]]:
    """Record a fault from the minute `START`."""
    made = {metric: dict(values) for metric, values in recording.items()}
    end = START + fault.minutes
    for metric, change in fault.changes.items():
        made[metric] = {minute: value for minute, value in made.get(metric, {}).items() if not START <= minute < end}
        if change is not None:
            value, every = change
            made[metric] |= dict.fromkeys(range(START, end, every), value)
    return made


def raised(alarms: Mapping[str, Alarm], recording: Recording, minutes: int) -> dict[str, list[list[int]]]:
    """List for each alarm, in each reading, the minutes in which it was raised."""
    found = {
        name: [alarm.raised(recording, range(minutes), reading) for reading in READINGS]
        for name, alarm in alarms.items()
    }
    return {name: minutes_ for name, minutes_ in found.items() if any(minutes_)}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_raises_the_right_alarm_and_no_other(alarms: dict[str, Alarm], name: str) -> None:
    fault = FAULTS[name]
    length = START + fault.minutes + 60
    recording = changed(ordinary(length, range(0, length, 3)), fault)
    # No other alarm changes its state.
    affected = {
        alarm: found
        for alarm, found in alarms.items()
        if any(metric.key in fault.changes for metric in found.metrics.values())
    }

    found = raised(affected, recording, length)

    assert " ".join(sorted(found)) == fault.raises
    for alarm, readings in found.items():
        for reading, minutes in zip(READINGS, readings, strict=True):
            assert minutes, f"{alarm} is not raised with {reading}"
            pauses = [one for one, next_ in pairwise(minutes) if next_ - one > 1]
            assert not (fault.lasting and pauses), f"{alarm} is resolved too early with {reading}: {pauses}"
            assert START <= minutes[0] <= START + fault.minutes
            assert minutes[-1] < length - 1, f"{alarm} is not resolved"


def test_every_alarm_has_a_fault_that_raises_it(alarms: dict[str, Alarm]) -> None:
    assert {alarm for fault in FAULTS.values() for alarm in fault.raises.split()} == set(alarms)
    watched = {metric.key for alarm in alarms.values() for metric in alarm.metrics.values()}
    assert not {key for fault in FAULTS.values() for key in fault.changes if key not in watched} - {
        "coordinator/Invocations"
    }


def test_an_unexpected_error_is_not_hidden_by_a_raised_threshold(plan: tftest.TerraformPlanOutput) -> None:
    with_thresholds = alarms_of(plan, "options")
    rejected = Fault(1, {"RejectedAlerts": (6, 1)}, "")
    internal = Fault(1, {"RejectedAlerts": (6, 1), "InternalErrors": (1, 1)}, "rejected-alerts")

    for fault in (rejected, internal):
        recording = changed(ordinary(200, range(200)), fault)
        assert " ".join(raised(with_thresholds, recording, 200)) == fault.raises


def bursts(first: int, last: int, *, minutes: int, every: int) -> list[int]:
    """List the minutes of bursts in a part of a day."""
    return [minute for start in range(first, last, every) for minute in range(start, start + minutes)]


def test_a_normal_day_raises_no_alarm(alarms: dict[str, Alarm]) -> None:
    random = Random(16)
    nights, office = sorted(random.sample(range(DAY), 30)), sorted(random.sample(range(480, 1080), 200))
    day = ordinary(DAY, sorted({*nights, *office}))
    # A lookup that failed, one that was throttled, and calls that were made again.
    day["InspectionsFailed"] = {600: 1.0}
    day["InspectionsThrottled"] = {900: 1.0, 960: 2.0}
    day["coordinator/Errors"][700] = 1.0
    day["receptor/Throttles"][710] = 1.0
    day["runner/Errors"][720] = 1.0
    day["inspector-who-owns-it/Errors"][720] = 1.0

    assert raised(alarms, day, DAY) == {}


def test_a_busy_day_raises_no_alarm(alarms: dict[str, Alarm]) -> None:
    first, last = 600, 840
    day = ordinary(DAY, [*range(0, first, 7), *range(first, last), *range(last, DAY, 7)])
    day["stream/IncomingRecords"] |= dict.fromkeys(range(first, last), 900.0)
    day["receptor/IteratorAge"] |= {minute: 1000.0 * (30 + minute % 300) for minute in range(first, last)}
    # Lambda throttles all functions in bursts, and VirusTotal its lookups; callers try again.
    for function in state.FUNCTIONS:
        day[f"{function}/Throttles"] |= dict.fromkeys(bursts(first, last, minutes=4, every=20), 50.0)
    day["InspectionsThrottled"] = dict.fromkeys(bursts(first, last, minutes=8, every=25), 20.0)
    day["InspectionsFailed"] = {first + 33: 1.0}
    day["coordinator/Errors"] |= dict.fromkeys(range(first, last, 60), 1.0)
    day["runner/Errors"] |= dict.fromkeys(range(first + 7, last, 60), 1.0)
    day["dead-letters/NumberOfMessagesSent"] = {first + 40: 1.0}

    assert raised(alarms, day, DAY) == {}


def test_a_long_batch_window_raises_no_alarm(alarms: dict[str, Alarm]) -> None:
    for alerts in (range(0, 300, 1), range(0, 300, 6), range(0, 300, 13), range(0, 300, 40)):
        recording = ordinary(300, alerts)
        for name in ("Errors", "Invocations", "Throttles"):
            key = f"receptor/{name}"
            recording[key] = {minute + 5: value for minute, value in recording[key].items()}

        assert raised(alarms, recording, 300) == {}


def test_alarms_are_within_the_limits_of_cloudwatch(alarms: dict[str, Alarm]) -> None:
    for name, alarm in alarms.items():
        periods = {metric.period for metric in alarm.metrics.values()}
        assert len(alarm.metrics) <= 10, name
        assert len(alarm.expressions) <= 10, name
        assert all(len(expression) <= 2048 for expression in alarm.expressions.values()), name
        assert len(periods) == 1, name
        assert alarm.datapoints_to_alarm <= alarm.evaluation_periods, name
        assert periods.pop() * alarm.evaluation_periods <= DAY * 60, name

"""The documented examples of how CloudWatch evaluates alarms, so that the fake can be trusted."""

from itertools import product

import pytest

from tests.fakes.cloudwatch import READINGS, Alarm, Metric, Points, Reading, calculate

EXACT = Reading(extra_periods=2, absent_is_zero=False, fills_nothing=False)
_POINTS = {"0": 0.0, "X": 1.0, "-": None}


def points(row: str) -> Points:
    """Read a row of the guide: 0 is within the threshold, X is breaching, - is missing; the newest is last."""
    return tuple(_POINTS[point] for point in row.split())


def alarm(to_alarm: int, missing: str, evaluated: int = 3) -> Alarm:
    metric = Metric("errors", "Sum", 300)
    return Alarm("GreaterThanOrEqualToThreshold", 1, evaluated, to_alarm, missing, {"metric": metric}, {}, "metric")


def calculated(expression: str, reading: Reading = EXACT, **series: Points) -> Points:
    return calculate("result", series, {"result": expression}, reading)


# Rows of the guide: the points of the evaluation range, datapoints to alarm (of 3 evaluation periods), and whether the
# alarm is raised if missing data counts as breaching, and as not breaching.
@pytest.mark.parametrize(
    ("row", "to_alarm", "breaching", "not_breaching"),
    [
        ("0 - X - X", 3, False, False),
        ("0 - - - -", 3, False, False),
        ("- - - - -", 3, True, False),
        ("0 X X - X", 3, True, True),
        ("- - X - -", 3, True, False),
        ("0 - X - X", 2, True, True),
        ("0 0 X 0 X", 2, True, True),
        ("0 - X - -", 2, True, False),
        ("- - - - 0", 2, True, False),
        ("- - - X -", 2, True, False),
    ],
)
def test_states_are_those_of_the_guide(row: str, to_alarm: int, *, breaching: bool, not_breaching: bool) -> None:
    assert alarm(to_alarm, "breaching").breached(points(row)) is breaching
    assert alarm(to_alarm, "notBreaching").breached(points(row)) is not_breaching


def test_an_alarm_of_one_period_uses_the_newest_point_of_its_range() -> None:
    assert alarm(1, "notBreaching", evaluated=1).breached(points("X - -"))
    assert not alarm(1, "notBreaching", evaluated=1).breached(points("X - 0"))


def test_windows_slide_every_minute() -> None:
    recording = {"errors": {4: 1.0, 9: 1.0, 10: 1.0}}

    # Only at minute 15 each of the last three periods contains an error.
    assert alarm(3, "notBreaching").raised(recording, range(14, 17), EXACT) == [15]


def test_statistics_aggregate_the_minutes_of_a_period() -> None:
    recording = {"age": {0: 2.0, 4: 3.0, 5: 4.0}}

    assert Metric("age", "Sum", 300).points(recording, range(0, 11, 5)) == {0: None, 5: 5.0, 10: 4.0}
    assert Metric("age", "Maximum", 300).points(recording, range(5, 11, 5)) == {5: 3.0, 10: 4.0}


def test_an_operator_uses_0_for_a_missing_value_and_drops_a_division_by_zero() -> None:
    one, other = (6.0, None, 6.0, None), (2.0, 2.0, None, None)

    assert calculated("one + other", one=one, other=other) == (8.0, 2.0, 6.0, None)
    assert calculated("one / other", one=one, other=other) == (3.0, 0.0, None, None)
    assert calculated("one / 2", one=one) == (3.0, None, 3.0, None)


def test_comparisons_are_those_of_the_guide() -> None:
    metric1, metric2 = (30.0, 20.0, 0.0, 0.0), (20.0, None, 20.0, None)

    for reading in READINGS:
        assert calculated("metric1 < metric2", reading, metric1=metric1, metric2=metric2) == (0, 0, 1, 0)
        assert calculated("metric1 >= 30", reading, metric1=metric1) == (1, 0, 0, 0)
        both = calculated("metric1 > 15 AND metric2 > 15", reading, metric1=metric1, metric2=metric2)
        assert both == (1, 0, 0, 0)


def test_conditions_are_those_of_the_guide() -> None:
    series: dict[str, Points] = {
        "metric1": (1.0, 1.0, 0.0, 0.0, None),
        "metric2": (30.0, None, 0.0, 0.0, 30.0),
        "metric3": (0.0, 0.0, 20.0, None, 20.0),
    }
    for reading in READINGS:
        assert calculated("IF(metric1, metric2, metric3)", reading, **series) == (30, 0, 20, None, None)
        assert calculated("IF(metric1, 5, metric3)", reading, **series) == (5, 5, 20, None, None)
        assert calculated("IF(metric1, metric2, 5)", reading, **series) == (30, 0, 5, 5, None)
        assert calculated("IF(metric1, metric2)", reading, **series) == (30, 0, None, None, None)


def test_max_of_several_series_skips_missing_values() -> None:
    assert calculated("MAX([one, other])", one=(1.0, None, None), other=(2.0, 3.0, None)) == (2.0, 3.0, None)


def test_max_of_one_series_is_refused_because_it_depends_on_the_retrieved_range() -> None:
    with pytest.raises(ValueError, match="must not be used in an alarm"):
        calculated("one / MAX(one)", one=(1.0,))


def test_fill_replaces_missing_values() -> None:
    sparse = (None, 2.0, None, None)

    assert calculated("FILL(one, 0)", one=sparse) == (0.0, 2.0, 0.0, 0.0)
    assert calculated("FILL(one, REPEAT)", one=sparse) == (None, 2.0, 2.0, 2.0)


def test_the_readings_differ_where_nothing_has_a_value() -> None:
    for extra, reading in product((0, 4), (False, True)):
        chosen = Reading(extra, absent_is_zero=reading, fills_nothing=reading)
        assert calculated("one / 1", chosen, one=(None,)) == ((0.0,) if reading else (None,))
        assert calculated("FILL(one, 5)", chosen, one=(None,)) == ((5.0,) if reading else (None,))

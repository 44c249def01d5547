"""CloudWatch's alarms on recorded metrics: metric math, missing data and states, by the documented rules.

The rules are those of the CloudWatch User Guide ("Alarm evaluation", "Configuring how CloudWatch alarms treat missing
data", "Using math expressions"). `Reading` has what the guide leaves open; an alarm should behave alike in every one.
"""

import ast
import operator
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, TypeAlias

Points: TypeAlias = tuple[float | None, ...]
"""Values of consecutive periods, the newest last; None is a missing data point."""

Recording: TypeAlias = Mapping[str, Mapping[int, float]]
"""The value of each metric in each minute in which it has one, by `Metric.key`."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_STATISTICS: Mapping[str, Callable[[Iterable[float]], float]] = {"Maximum": max, "Minimum": min, "Sum": sum}
_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.And: lambda one, other: bool(one and other),
    ast.Or: lambda one, other: bool(one or other),
}


@dataclass(frozen=True)
class Reading:
    """One way to read what the documentation leaves open.

    Attributes
    ----------
    extra_periods : int
        Periods that CloudWatch retrieves beyond the evaluation periods. The guide's examples have 2, and other alarms
        an unknown number.
    absent_is_zero : bool
        Whether an operator has the result for 0 where no operand has a value, or no result.
    fills_nothing : bool
        Whether `FILL` also fills a series that has no value at all.
    """

    extra_periods: int
    absent_is_zero: bool
    fills_nothing: bool


READINGS = tuple(Reading(*flags) for flags in product((0, 2, 4), (False, True), (False, True)))


@dataclass(frozen=True)
class Metric:
    """A metric of an alarm; its key is `subject/name`, or the name alone for metrics of the installation."""

    key: str
    statistic: str
    period: int

    def points(self, recording: Recording, ends: range) -> dict[int, float | None]:
        """Return the value of the period before each of some minutes."""
        values = recording.get(self.key, {})
        recorded = sorted(values)
        found: dict[int, float | None] = {}
        for end in ends:
            within = recorded[bisect_left(recorded, end - self.minutes) : bisect_left(recorded, end)]
            window = [values[minute] for minute in within]
            found[end] = _STATISTICS[self.statistic](window) if window else None
        return found

    @property
    def minutes(self) -> int:
        """Length of a period in minutes."""
        return self.period // 60


@dataclass(frozen=True)
class Alarm:
    """An alarm as Terraform planned it: on one metric, or on an expression over several."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str
    metrics: Mapping[str, Metric]
    expressions: Mapping[str, str]
    returned: str

    @classmethod
    def planned(cls, values: Mapping[str, Any], subject: Callable[[Mapping[str, str]], str]) -> "Alarm":
        """Read an alarm of a plan; `subject` names what a metric's dimensions stand for."""

        def metric(name: str, dimensions: Mapping[str, str], statistic: str, period: int) -> Metric:
            return Metric(f"{subject(dimensions)}/{name}".removeprefix("/"), statistic, period)

        metrics, expressions, returned = {}, {}, "metric"
        for query in values["metric_query"]:
            if query["return_data"]:
                returned = query["id"]
            if query["expression"]:
                expressions[query["id"]] = query["expression"]
            for of in query["metric"]:
                metrics[query["id"]] = metric(of["metric_name"], of["dimensions"], of["stat"], of["period"])
        if not metrics:
            dimensions = values.get("dimensions") or {}
            metrics[returned] = metric(values["metric_name"], dimensions, values["statistic"], values["period"])
        return cls(
            values["comparison_operator"],
            values["threshold"],
            values["evaluation_periods"],
            values["datapoints_to_alarm"] or values["evaluation_periods"],
            values["treat_missing_data"],
            metrics,
            expressions,
            returned,
        )

    def raised(self, recording: Recording, minutes: range, reading: Reading) -> list[int]:
        """List the minutes in which the alarm is in the state ALARM; CloudWatch evaluates it every minute."""
        (step,) = {metric.minutes for metric in self.metrics.values()}
        back = range((self.evaluation_periods + reading.extra_periods - 1) * step, -1, -step)
        ends = range(minutes.start - back[0], minutes.stop)
        values = [metric.points(recording, ends) for metric in self.metrics.values()]
        known: dict[tuple[Points, ...], bool] = {}
        found = []
        for minute in minutes:
            points = tuple(tuple(metric[minute - before] for before in back) for metric in values)
            if points not in known:
                series = dict(zip(self.metrics, points, strict=True))
                known[points] = self.breached(calculate(self.returned, series, self.expressions, reading))
            if known[points]:
                found.append(minute)
        return found

    def breached(self, points: Points) -> bool:
        """Decide whether the alarm is in the state ALARM, from the data points of its evaluation range.

        The newest existing points are evaluated, also those before the evaluation periods. Only if there are too few
        of them, missing points stand in for the rest.
        """
        breaching = [_COMPARISONS[self.comparison](point, self.threshold) for point in points if point is not None]
        evaluated = breaching[-self.evaluation_periods :]
        stand_in = {"notBreaching": False, "breaching": True}[self.missing]
        evaluated += [stand_in] * (self.evaluation_periods - len(evaluated))
        return sum(evaluated) >= self.datapoints_to_alarm


def calculate(id_: str, series: Mapping[str, Points], expressions: Mapping[str, str], reading: Reading) -> Points:
    """Return the points of a metric or an expression, by its id.

    Raises
    ------
    ValueError
        The expression uses metric math that is not supported here, or that no alarm should use.
    """
    if id_ in series:
        return series[id_]
    result = _Math(series, expressions, reading).value(_parsed(expressions[id_]))
    assert isinstance(result, tuple), f"{expressions[id_]} must be a time series"
    return result


@cache
def _parsed(expression: str) -> ast.expr:
    words = re.sub(r"\bAND\b|&&", " and ", re.sub(r"\bOR\b|\|\|", " or ", expression))
    return ast.parse(words.strip(), mode="eval").body


@dataclass(frozen=True)
class _Math:
    series: Mapping[str, Points]
    expressions: Mapping[str, str]
    reading: Reading

    def value(self, node: ast.expr) -> Points | float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return calculate(name, self.series, self.expressions, self.reading)
            case ast.BinOp(left=left, op=operation, right=right):
                return self._pointwise(_OPERATORS[type(operation)], left, right)
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                return self._pointwise(_OPERATORS[type(operation)], left, right)
            case ast.BoolOp(op=operation, values=[left, right]):
                return self._pointwise(_OPERATORS[type(operation)], left, right)
            case ast.Call(func=ast.Name(id="MAX" | "SUM" as name), args=[ast.List(elts=elements)]):
                return _aggregated(max if name == "MAX" else sum, [self.value(element) for element in elements])
            case ast.Call(func=ast.Name(id="FILL"), args=[filled, filler]):
                return self._filled(self.value(filled), filler)
            case ast.Call(func=ast.Name(id="IF"), args=[condition, *branches]):
                return _chosen(self.value(condition), [self.value(branch) for branch in branches])
            case _:
                # MAX of one series is a scalar that depends on the number of retrieved points.
                raise ValueError(f"{ast.unparse(node)} must not be used in an alarm, or is not supported here.")

    def _pointwise(self, function: Callable[[float, float], float], *nodes: ast.expr) -> Points:
        """Combine two operands; a missing value is 0, and a division by zero gives no value."""
        operands = [self.value(node) for node in nodes]
        points: list[float | None] = []
        for values in _aligned(operands):
            series = [value for value, operand in zip(values, operands, strict=True) if isinstance(operand, tuple)]
            if not self.reading.absent_is_zero and all(value is None for value in series):
                points.append(None)
                continue
            try:
                points.append(float(function(*(value or 0.0 for value in values))))
            except ZeroDivisionError:
                points.append(None)
        return tuple(points)

    def _filled(self, series: Points | float, filler: ast.expr) -> Points:
        assert isinstance(series, tuple)
        if not self.reading.fills_nothing and all(point is None for point in series):
            return series
        repeats = isinstance(filler, ast.Name) and filler.id == "REPEAT"
        last = None if repeats else self.value(filler)
        assert not isinstance(last, tuple)
        points: list[float | None] = []
        for point in series:
            points.append(last if point is None else point)
            last = point if repeats and point is not None else last
        return tuple(points)


def _aligned(operands: Sequence[Points | float]) -> Iterable[tuple[float | None, ...]]:
    length = next(len(operand) for operand in operands if isinstance(operand, tuple))
    series = [operand if isinstance(operand, tuple) else (operand,) * length for operand in operands]
    return zip(*series, strict=True)


def _aggregated(function: Callable[[list[float]], float], series: list[Points | float]) -> Points:
    """Combine an array of series; each point is made of the values that exist."""
    found = ([value for value in values if value is not None] for values in _aligned(series))
    return tuple(function(values) if values else None for values in found)


def _chosen(condition: Points | float, branches: list[Points | float]) -> Points:
    """Choose by a condition; a missing value of the first branch is 0, and one of the second stays missing."""
    points: list[float | None] = []
    for chosen, if_true, *if_false in _aligned([condition, *branches]):
        if chosen is None:
            points.append(None)
        elif chosen:
            points.append(if_true or 0.0)
        else:
            points.append(if_false[0] if if_false else None)
    return tuple(points)

"""The result of a check."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

Kind = Literal["inspector", "reviewer", "emitter"]
Level = Literal["fault", "remark"]


class Problem(BaseModel, frozen=True, extra="forbid"):
    """A problem that a check found.

    Attributes
    ----------
    check
        Name of the check, such as `schema`.
    level
        `fault`: the contract is violated. `remark`: it is not, but the author should know.
    case
        The case in which it occurred.
    path
        Path in the answer, such as `contents.0.verdict`; empty: the whole answer.
    what
        What is wrong, in one sentence.
    allowed
        What is allowed; may be empty.
    """

    check: str
    level: Level
    case: str
    path: str = ""
    what: str
    allowed: str = ""


class Times(BaseModel, frozen=True, extra="forbid"):
    """Durations of calls [s].

    Attributes
    ----------
    limit
        The time limit.
    first
        The first call, which may include a cold start.
    median, longest
        Of all later calls that were answered; None: there were none.
    """

    limit: float
    first: float | None
    median: float | None
    longest: float | None


class Result(BaseModel, frozen=True, extra="forbid"):
    """The outcome of a check.

    Attributes
    ----------
    cases
        Number of requests.
    unseen
        What cannot be checked from requests and answers alone.
    """

    kind: Kind
    target: str
    cases: int
    problems: tuple[Problem, ...]
    times: Times
    unseen: tuple[str, ...]

    def passed(self, *, strict: bool = False) -> bool:
        """Return whether the contract is honoured; `strict`: without remarks."""
        return not any(strict or problem.level == "fault" for problem in self.problems)


def grouped(problems: Iterable[Problem]) -> list[tuple[Problem, int]]:
    """Group equal problems of several cases: the first of each and the number of cases, faults first."""
    found: dict[Problem, tuple[Problem, int]] = {}
    for problem in problems:
        first, cases = found.get(problem.model_copy(update={"case": ""}), (problem, 0))
        found[problem.model_copy(update={"case": ""})] = (first, cases + 1)
    return sorted(found.values(), key=lambda entry: entry[0].level != "fault")

"""What a check found."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["inspector", "reviewer", "emitter"]
Level = Literal["fault", "remark"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(_Value):
    """Something that is not as it should be.

    Attributes
    ----------
    check
        Which check found it, such as `schema`.
    level
        `fault`: the contract is not kept. `remark`: it is, but a careful author would want to know.
    case
        The case that showed it.
    path
        Where in the answer, such as `contents.0.verdict`; empty: all of it.
    what
        What is wrong, in one sentence.
    allowed
        What is allowed there; empty where `what` says it.
    """

    check: str
    level: Level
    case: str
    path: str = ""
    what: str
    allowed: str = ""


class Times(_Value):
    """How long calls took [seconds].

    Attributes
    ----------
    limit
        The longest an answer is waited for.
    first
        The first call, which brings the plug-in up where nobody has used it before.
    median, longest
        Of all later calls that were answered; None: there was none.
    """

    limit: float
    first: float | None
    median: float | None
    longest: float | None


class Result(_Value):
    """The outcome of a check.

    Attributes
    ----------
    cases
        How many requests were sent.
    unseen
        What nobody can tell from requests and answers, and is left to the author.
    """

    kind: Kind
    target: str
    cases: int
    problems: tuple[Problem, ...]
    times: Times
    unseen: tuple[str, ...]

    def passed(self, *, strict: bool = False) -> bool:
        """Say whether the contract is kept; `strict`: and nothing is remarked either."""
        return not any(strict or problem.level == "fault" for problem in self.problems)


def grouped(problems: Iterable[Problem]) -> list[tuple[Problem, int]]:
    """Put equal problems of several cases together: the first of each, and in how many cases; faults first."""
    found: dict[Problem, tuple[Problem, int]] = {}
    for problem in problems:
        first, cases = found.get(problem.model_copy(update={"case": ""}), (problem, 0))
        found[problem.model_copy(update={"case": ""})] = (first, cases + 1)
    return sorted(found.values(), key=lambda entry: entry[0].level != "fault")

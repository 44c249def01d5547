"""Run checks and collect their findings; a check that lacks a permission is reported, and ends no other check."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict

from alert_responder_cli.aws.access import explanation
from alert_responder_cli.errors import CommandError

State = Literal["ok", "warning", "problem", "unknown"]


class Finding(BaseModel):
    """A finding of a check.

    Attributes
    ----------
    state
        `ok`; `warning`: it works, and should be looked at; `problem`: alerts are or will be lost, late or not
        delivered; `unknown`: it could not be examined.
    sentence
        What was found; contains no secrets and no text of alerts.
    advice
        What to do; empty if there is nothing to do.
    seconds
        When it happened [s after the test alert arrived]; None except in an end-to-end test.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    state: State
    sentence: str
    advice: str = ""
    seconds: float | None = None


class Verdict(NamedTuple):
    """A finding without the name of its check."""

    state: State
    sentence: str
    advice: str = ""
    seconds: float | None = None


class Check(NamedTuple):
    """One check.

    Attributes
    ----------
    name
        Unique, in kebab case.
    permissions
        IAM actions that it needs.
    examine
        Returns what it found; called with an `Access` or an `Installation`, see `before` and `after`.
    """

    name: str
    permissions: tuple[str, ...]
    examine: Callable[[Any], Iterable[Verdict]]


def ok(sentence: str) -> Verdict:
    """Return a verdict with nothing to do."""
    return Verdict("ok", sentence)


def examine(checks: Sequence[Check], subject: Any, on_progress: Callable[[], None] = lambda: None) -> list[Finding]:
    """Run all checks, in order."""
    found: list[Finding] = []
    for check in checks:
        found += [Finding(check=check.name, **verdict._asdict()) for verdict in _verdicts(check, subject)]
        on_progress()
    return found


def _verdicts(check: Check, subject: Any) -> Iterator[Verdict]:
    try:
        yield from check.examine(subject)
        return
    except ClientError as error:
        reason = explanation(error)
    except CommandError as error:
        reason = str(error)
    except BotoCoreError as error:
        reason = f"AWS could not be called ({type(error).__name__})."
    yield Verdict("unknown", reason, f"This check needs {', '.join(check.permissions)}.")

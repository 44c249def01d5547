"""Read a policy from a file in YAML or JSON, and name what is wrong in it by place and line."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from alert_responder_cli.errors import CommandError
from alert_responder_cli.nearest import nearest
from alert_responder_cli.policy.yaml_document import MAX_PLACE, InvalidYamlError, read_yaml
from alert_responder_plugins.policy.model import MAX_POLICY_BYTES, InvalidPolicyError, Policy, read_policy

_MAX_FILE_BYTES = 2_000_000
_PLACE = re.compile(r"[a-z_]+(?:\[[0-9]+\]|\.[\w-]+)*")
_ALLOWED = " is not allowed; allowed: "


class Problem(BaseModel, frozen=True):
    """What is wrong in a policy.

    Attributes
    ----------
    level
        `error`: the policy is refused, or the part never has an effect. `warning`: probably not what was meant.
    line
        Number of the line, from 1; None: unknown.
    """

    level: Literal["error", "warning"]
    text: str
    line: int | None = None


class InvalidPolicyFileError(CommandError):
    """The file contains no valid policy."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"The policy {path} is invalid.", [located(path, each) for each in self.problems])


@dataclass(frozen=True)
class PolicyFile:
    """A valid policy, and where its parts are.

    Attributes
    ----------
    lines
        Number of the line by place, such as `rules[0].name`; empty for JSON.
    """

    path: Path
    policy: Policy
    lines: Mapping[str, int]

    def problem(self, level: Literal["error", "warning"], place: str, text: str) -> Problem:
        """Create a problem at a place."""
        return Problem(level=level, text=f"{place} {text}", line=_line(place, self.lines))


def located(path: Path, problem: Problem) -> str:
    """Write a problem with file and line, as compilers do."""
    line = "" if problem.line is None else f":{problem.line}"
    return f"{path}{line}: {problem.text}"


def read_policy_file(path: Path) -> PolicyFile:
    """Read a policy.

    Raises
    ------
    InvalidPolicyFileError
        It is not YAML (`.json`: JSON), or not a policy.
    CommandError
        The file cannot be read.
    """
    data, lines = _document(path)
    try:
        policy = read_policy(data)
    except InvalidPolicyError as error:
        raise InvalidPolicyFileError(path, (_fault(fault, data, lines) for fault in error.faults)) from None
    size = len(json.dumps(data, default=str).encode())
    if size > MAX_POLICY_BYTES:
        text = f"policy must have at most {MAX_POLICY_BYTES:,} bytes as JSON, got {size:,}"
        raise InvalidPolicyFileError(path, [Problem(level="error", text=text)])
    return PolicyFile(path, policy, lines)


def _document(path: Path) -> tuple[Any, Mapping[str, int]]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CommandError(f"The policy {path} cannot be read: {error.strerror}.") from None
    if len(content) > _MAX_FILE_BYTES:
        raise CommandError(f"The policy {path} has more than {_MAX_FILE_BYTES:,} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidPolicyFileError(path, [Problem(level="error", text="must be UTF-8")]) from None
    try:
        if path.suffix == ".json":
            return json.loads(text, object_pairs_hook=_without_repetition), {}
        found = read_yaml(text)
    except InvalidYamlError as error:
        raise InvalidPolicyFileError(path, [Problem(level="error", text=f"{error}", line=error.line)]) from None
    except json.JSONDecodeError as error:
        problem = Problem(level="error", text=f"must be JSON: {error.msg}", line=error.lineno)
        raise InvalidPolicyFileError(path, [problem]) from None
    except (ValueError, RecursionError) as error:
        raise InvalidPolicyFileError(path, [Problem(level="error", text=f"must be JSON: {error}")]) from None
    return found.data, found.lines


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key} is repeated")
        found[key] = value
    return found


def _fault(fault: str, data: Any, lines: Mapping[str, int]) -> Problem:
    place = _PLACE.match(fault)
    text = fault
    if place and fault == f"{place[0]} must be a string" and (got := _hint_of(_value(data, place[0]))):
        text = f"{fault}, got {got}"
    unknown, separator, allowed = fault.rpartition(_ALLOWED)
    if separator and (similar := nearest(unknown.rpartition(".")[2], allowed.split(", "))):
        text = f"{unknown} is not allowed; did you mean {similar}? Allowed: {allowed}"
    return Problem(level="error", text=text, line=_line(place[0], lines) if place else None)


def _hint_of(value: Any) -> str | None:
    """Describe a scalar that is not a string, as people who write YAML see it."""
    if value is None:
        return "null; in YAML, # after a space begins a comment: put such texts in quotes"
    if isinstance(value, bool | int | float):
        return f"{json.dumps(value)}; put it in quotes"
    return None


def _value(data: Any, place: str) -> Any:
    """Return the value at a place such as `rules[0].reason`; an empty list if there is none."""
    for key, index in re.findall(r"([\w-]+)|\[([0-9]+)\]", place):
        if isinstance(data, dict) and key in data:
            data = data[key]
        elif isinstance(data, list) and index and int(index) < len(data):
            data = data[int(index)]
        elif index != "0":  # a single value stands for a list
            return []
    return data


def _line(place: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a place, or of the nearest part around it that has one."""
    place = place[:MAX_PLACE]
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return lines.get(place)

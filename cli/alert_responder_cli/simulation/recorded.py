"""Recorded answers of inspectors: one file per inspector, one line per attribute."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError, model_validator

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.attributes import identity
from alert_responder.errors import PluginError, PluginFailedError, PluginThrottledError, PluginTimeoutError
from alert_responder_cli.errors import CommandError

NAME = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
"""Form of the names of inspectors and emitters, as in the Terraform modules."""

NAMES = "of 1 to 40 lower-case letters, digits and single hyphens"

FILES = "*.jsonl"

_FAILURES: dict[str, type[PluginError]] = {
    "error": PluginFailedError,
    "throttled": PluginThrottledError,
    "timeout": PluginTimeoutError,
}


class _AttachLine(BaseModel, extra="forbid", frozen=True):
    """How the inspector is attached: inputs of modules/inspector."""

    attach: dict[str, Any]


class _AnswerLine(BaseModel, extra="forbid", frozen=True):
    """The answer for an attribute, or a failure."""

    type: str
    value: str
    answer: Any = None
    outcome: Literal["error", "throttled", "timeout"] | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _either(self) -> "_AnswerLine":
        if ("answer" in self.model_fields_set) == (self.outcome is not None):
            raise ValueError("must have either answer (null: the inspector knows nothing) or outcome")
        return self


@dataclass(frozen=True)
class Recording:
    """A recorded inspector.

    Attributes
    ----------
    plugin
        Its entry in the registry.
    answers
        Answers or failures by identity of the attribute.
    """

    plugin: InspectorPlugin
    answers: dict[str, bytes | PluginError]


def read_recordings(folder: Path) -> list[Recording]:
    """Read the recordings in a folder, sorted by the name of the inspector.

    Raises
    ------
    CommandError
        A file cannot be read, a line is invalid, or an attribute is recorded twice; the message names file and line.
    """
    if not folder.is_dir():
        raise CommandError(f"The folder {folder} does not exist.")
    return [_read(path) for path in sorted(folder.glob(FILES))]


def add_answers(folder: Path, answers: Iterable[tuple[str, str, str, Any]]) -> None:
    """Add answers (inspector, type, value and answer) to the recordings in a folder.

    Raises
    ------
    CommandError
        A file cannot be written; earlier answers may already be.
    """
    for inspector, type_, value, answer in answers:
        path = folder / f"{inspector}.jsonl"
        line = json.dumps({"type": type_, "value": value, "answer": answer}).encode() + b"\n"
        try:
            before = path.read_bytes() if path.exists() else b""
            with path.open("ab") as file:
                file.write(line if not before or before.endswith(b"\n") else b"\n" + line)
        except OSError as error:
            raise CommandError(f"The recording {path} cannot be written: {error.strerror}.") from None


def recorded_inspector(name: str, fields: dict[str, Any] | None = None) -> InspectorPlugin:
    """Create the registry entry of an inspector, without fields unfiltered; raise `ValueError` if it is invalid."""
    if NAME.fullmatch(name) is None:
        raise ValueError(f"the name of an inspector must be {NAMES}, got '{name}'")
    unknown = sorted((fields or {}).keys() - (InspectorPlugin.model_fields.keys() - {"name", "arn", "version"}))
    if unknown:
        raise ValueError(f"attach has unknown fields: {', '.join(unknown)}")
    return InspectorPlugin.model_validate({**(fields or {}), "name": name, "arn": f"inspector/{name}", "version": 1})


def _read(path: Path) -> Recording:
    plugin: InspectorPlugin | None = None
    answers: dict[str, bytes | PluginError] = {}
    lines: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            entry = _entry(line)
            if isinstance(entry, _AttachLine):
                if plugin is not None:
                    raise ValueError("attach is given twice")  # noqa: TRY301 - reported with its line, like the others
                plugin = recorded_inspector(path.stem, entry.attach)
                continue
            key = identity(Attribute(type=entry.type, value=entry.value))
            if key in lines:
                raise ValueError(f"the attribute is already recorded in line {lines[key]}")  # noqa: TRY301
        except ValidationError as error:
            raise CommandError(f"{path}, line {number}: {describe_faults(error, 'the line')[0]}.") from None
        except ValueError as error:
            raise CommandError(f"{path}, line {number}: {error}.") from None
        lines[key] = number
        answers[key] = _answer(entry)
    try:
        return Recording(plugin or recorded_inspector(path.stem), answers)
    except ValueError as error:
        raise CommandError(f"{path}: {error}.") from None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"The recording {path} cannot be read: {error.strerror}.") from None
    return ((number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip())


def _entry(line: bytes) -> _AttachLine | _AnswerLine:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("must be JSON") from None
    if not isinstance(document, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - an error of the file, not of a caller
    return (_AttachLine if "attach" in document else _AnswerLine).model_validate(document)


def _answer(entry: _AnswerLine) -> bytes | PluginError:
    if entry.outcome is None:
        return json.dumps(entry.answer).encode()
    return _FAILURES[entry.outcome](entry.reason or "Recorded failure.")

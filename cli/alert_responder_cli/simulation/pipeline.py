"""Run alerts through the whole pipeline, with a clock that jumps from event to event."""

import heapq
import itertools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from alert_responder.contracts.plugin import Plugins
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.stream import StreamRecord
from alert_responder.formats import ParsedAlert
from alert_responder.usecases.batch import event_of
from alert_responder.usecases.intake import take_in
from alert_responder.usecases.ports import PluginCalls
from alert_responder_cli.aws import limits
from alert_responder_cli.aws.in_memory import FixedRegistry, MemoryArchive, MemoryTable, MemoryWorkflow
from alert_responder_cli.simulation.execution import execute
from alert_responder_cli.simulation.wiring import Dependencies, build_use_cases

BEGINNING = 1_767_225_600_000
"""Default start of a simulation: 2026-01-01T00:00:00Z [ms since the epoch]."""


@dataclass(frozen=True)
class Settings:
    """Inputs of the root module that affect reports, with their defaults [s], and the arrival of records.

    Attributes
    ----------
    every
        Time between two records [s].
    """

    every: float = 1.0
    window: int = 10_800
    delay: int = 10
    update_interval: int = 300
    max_depth: int = 2
    max_inspections: int = 200


class Clock:
    """The clock of the simulation; it stands still during a step."""

    def __init__(self, beginning: int = BEGINNING) -> None:
        self.now = beginning

    def __call__(self) -> int:
        """Return the simulated time [ms since the epoch]."""
        return self.now

    def text(self) -> str:
        """Return the simulated time [RFC 3339]."""
        return format_rfc3339(self.now)

    def jump(self, milliseconds: int) -> None:
        """Advance the clock."""
        self.now += milliseconds


class Simulation:
    """Runs records through receptor, state machine, coordinator and runner.

    Two runs with the same records and plug-ins give equal results: times and ids are derived from the input.

    Parameters
    ----------
    clock
        The clock, which the plug-ins share.
    attached
        The registry.
    plugins
        Calls the functions in the registry by ARN.
    """

    def __init__(self, settings: Settings, clock: Clock, attached: Plugins, plugins: PluginCalls) -> None:
        self._settings = settings
        self._clock = clock
        self._archive, self._workflow = MemoryArchive(), MemoryWorkflow()
        self._numbers = itertools.count(1)
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._begun = 0
        dependencies = Dependencies(
            table=MemoryTable(),
            workflow=self._workflow,
            archive=self._archive,
            registry=FixedRegistry(attached),
            plugins=plugins,
            clock=clock,
            sleep=clock.jump,
            new_id=lambda opened: ulid(opened, next(self._numbers).to_bytes(10, "big")),
            new_token=lambda: f"{next(self._numbers):032x}",
            # Emitters get no link, so that pages are not needed.
            print_page=_no_page,
            link=lambda _: None,
        )
        bounds = Limits(settings.max_depth, settings.max_inspections)
        self._built = build_use_cases(dependencies, bounds, settings.window * 1000)

    def run(self, records: Sequence[tuple[bytes, Iterable[ParsedAlert]]]) -> None:
        """Let parsed records arrive one after the other, and run until nothing is left to do."""
        beginning = self._clock.now
        for number, (data, parsed) in enumerate(records):
            at = beginning + round(number * self._settings.every * 1000)
            self._at(at, partial(self._receive, str(number + 1), data, parsed))
        while self._agenda:
            at, _, do = heapq.heappop(self._agenda)
            # Waiting for the rate limit of an inspector may have advanced the clock further.
            self._clock.jump(max(0, at - self._clock.now))
            do()
            self._settle()

    def reports(self) -> list[dict[str, Any]]:
        """Return the last round of each report, in the order they were opened."""
        # Rounds have six digits, so that keys sort by round. The archive contains pages too.
        published = sorted(key for key in self._archive.objects if re.fullmatch(r"reports/.+\.json", key))
        last = {key.split("/")[1]: key for key in published}
        return [json.loads(self._archive.objects[key]) for key in last.values()]

    def _at(self, at: int, do: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), do))

    def _receive(self, sequence_number: str, data: bytes, parsed: Iterable[ParsedAlert]) -> None:
        now = self._clock.now
        place = StreamRecord("shardId-000000000000", sequence_number, now, partition_key="", data=data)
        take_in(self._built.receiver, [event_of(place, each) for each in parsed])

    def _settle(self) -> None:
        """Schedule the executions that were started after their waiting time."""
        started = self._workflow.started
        for report_id, round_, as_it_stands in started[self._begun :]:
            seconds = self._settings.delay if round_ == 1 else self._settings.update_interval
            wait = 0 if as_it_stands else seconds * 1000
            self._at(self._clock.now + wait, partial(self._execute, report_id, round_, as_it_stands))
        self._begun = len(started)

    def _execute(self, report_id: str, round_: int, as_it_stands: bool) -> None:
        execution = execute(self._built.steps, report_id, round_, as_it_stands=as_it_stands)
        with suppress(StopIteration):
            steps = next(execution)
            while True:
                steps = execution.send([limits.check_state(step.do()) for step in steps])
        self._workflow.running.discard((report_id, round_))


def _no_page(*_args: object, **_named: object) -> bytes:
    return b""

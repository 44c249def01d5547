"""A whole installation in memory: the use cases, called in the state machine's order."""

import itertools
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin, Plugins, ReviewerPlugin
from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import DeliveryRecord, Event, Head
from alert_responder.errors import DependencyError
from alert_responder.store import items, keys
from alert_responder.usecases.emit import LEASE_MS
from alert_responder.usecases.intake import take_in
from alert_responder.usecases.ports import PagePrinter
from alert_responder_cli.aws import limits
from alert_responder_cli.simulation.execution import Step, execute
from alert_responder_cli.simulation.wiring import Dependencies, build_use_cases
from tests.fakes.memory import Crash, Faults, MemoryTable, MemoryWorkflow
from tests.fakes.meter import ARCHIVE, PLUGINS, WORKFLOW, Meter, MeteredTable
from tests.fakes.plugins import FixedRegistry, MemoryArchive, MemoryPlugins, Plugin

WINDOW_MS = 1000
TRIES = 3


def any_page(*_args: object, **_named: object) -> bytes:
    """Make an empty page."""
    return b"<!DOCTYPE html>"


def link_to(key: str) -> str:
    """Return the URL of an object in the archive."""
    return f"https://archive.example/{key}"


class Installation:
    """Runs rounds as the state machine does; `faults` can strike any call to an external service.

    Parameters
    ----------
    inspectors, emitters
        Functions by name; each is attached without a filter, or with the plug-in of the same name in `filters`.
    reviewer
        The reviewer, or None.
    between
        Called before each step with its name.
    table, window_ms
        The table, and how long alerts gather in one report [ms].
    meter
        Counts requests to AWS; cannot be combined with faults.
    print_page
        Makes the page of a report; None: an empty page.
    admission
        Limits of new reports in an hour.
    """

    def __init__(
        self,
        inspectors: dict[str, Plugin] | None = None,
        reviewer: Plugin | None = None,
        emitters: dict[str, Plugin] | None = None,
        limits: Limits = Limits(2, 200),  # noqa: B008 - frozen
        filters: Sequence[InspectorPlugin | EmitterPlugin] = (),
        between: Callable[[str], None] = lambda _: None,
        table: MemoryTable | None = None,
        window_ms: int = WINDOW_MS,
        meter: Meter | None = None,
        print_page: PagePrinter | None = None,
        admission: AdmissionLimits = AdmissionLimits(),  # noqa: B008 - frozen
    ) -> None:
        self.now = 10_000
        self.between = between
        self.table: Any = table or MemoryTable()
        self.workflow: Any = MemoryWorkflow()
        self.archive: Any = MemoryArchive()
        own = {plugin.name: plugin for plugin in filters}
        inspectors, emitters = inspectors or {}, emitters or {}
        reviewers = {"reviewer": reviewer} if reviewer else {}
        self.plugins: Any = MemoryPlugins({**inspectors, **emitters, **reviewers})
        attached = {
            "inspectors": [own.get(name) or InspectorPlugin(name=name, arn=name, version=1) for name in inspectors],
            "emitters": [own.get(name) or EmitterPlugin(name=name, arn=name, version=1) for name in emitters],
            "reviewer": ReviewerPlugin(name="reviewer", arn="reviewer", version=1) if reviewer else None,
        }
        self.registry = FixedRegistry(Plugins.model_validate(attached))
        self.limits = limits
        self._admission = admission
        self._print_page = print_page or any_page
        if meter:
            self.table = MeteredTable(self.table, meter)
            self.workflow = meter.counted(self.workflow, WORKFLOW)
            self.archive = meter.counted(self.archive, ARCHIVE)
            self.plugins = meter.counted(self.plugins, PLUGINS)
        self._numbers = itertools.count(1)
        self._window_ms = window_ms
        self._build()

    def receive(self, *events: Event) -> None:
        """Deliver alerts."""
        take_in(self.receiver, events)

    def strike(self, faults: Faults) -> None:
        """Inject faults into calls."""
        self.table.faults = self.workflow.faults = faults
        self.archive.faults = self.plugins.faults = self.registry.faults = faults

    def run(self) -> None:
        """Run all executions; those that die are left to the sweeper."""
        while self.workflow.running:
            report_id, round_ = min(self.workflow.running)
            as_it_stands = next(stands for one, n, stands in self.workflow.started if (one, n) == (report_id, round_))
            with suppress(Crash, DependencyError):
                self._execute(report_id, round_, as_it_stands)
            self.workflow.running.discard((report_id, round_))

    def run_and_sweep(self) -> None:
        """Run executions and sweep until no report is open."""
        for _ in range(10):
            self.run()
            self.now += LEASE_MS + 1
            if not self._sweeper.open_reports():
                return
            self._sweeper.sweep_open_reports()
        raise AssertionError("a report stays open")

    def run_round(self, report_id: str, round_: int) -> None:
        """Run a single execution, such as one that the sweeper took for dead; its round may be over."""
        with suppress(Crash, DependencyError):
            self._execute(report_id, round_, as_it_stands=False)

    def sweep(self) -> None:
        """Sweep once."""
        self._sweeper.sweep_open_reports()

    def heads(self) -> list[Head]:
        """Read every report's head."""
        return [items.read_head(item) for key, item in sorted(self.table.items.items()) if key.sk == "head"]

    def report(self) -> dict[str, Any]:
        """Read the newest published report."""
        key = max(key for key in self.archive.objects if key.startswith("reports/") and key.endswith(".json"))
        found: dict[str, Any] = json.loads(self.archive.objects[key])
        return found

    def deliveries(self) -> dict[tuple[str, int], DeliveryRecord]:
        """Read every delivery by emitter and round."""
        found = [
            items.read_delivery(item) for key, item in self.table.items.items() if key.sk.startswith(keys.DELIVERIES)
        ]
        return {(delivery.emitter, delivery.round): delivery for delivery in found}

    def findings(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """Read outcome and reason of each finding by inspector and value."""
        return {
            (finding["inspector"], finding["attribute_value"]): (finding["outcome"], finding["reason"])
            for finding in self.report()["findings"]
        }

    def _execute(self, report_id: str, round_: int, as_it_stands: bool) -> None:
        execution = execute(self.steps, report_id, round_, as_it_stands=as_it_stands)
        with suppress(StopIteration):
            steps = next(execution)
            while True:
                steps = execution.send([self._step(step) for step in steps])

    def _step(self, step: Step) -> Any:
        """Run a Task state with its retries."""
        self.between(step.name)
        for attempt in range(TRIES):
            try:
                return limits.check_state(step.do())
            except (Crash, DependencyError):
                self.now += LEASE_MS // 2 + 1
                if attempt == TRIES - 1:
                    if step.caught:
                        return 1
                    raise
        raise AssertionError

    def _tick(self) -> int:
        self.now += 1
        return self.now

    def _sleep(self, milliseconds: int) -> None:
        self.now += milliseconds

    def _token(self) -> str:
        return f"token{next(self._numbers)}"

    def _build(self) -> None:
        def new_id(milliseconds: int) -> str:
            return ulid(milliseconds, next(self._numbers).to_bytes(10, "big"))

        dependencies = Dependencies(
            table=self.table,
            workflow=self.workflow,
            archive=self.archive,
            registry=self.registry,
            plugins=self.plugins,
            clock=self._tick,
            sleep=self._sleep,
            new_id=new_id,
            new_token=self._token,
            print_page=self._print_page,
            link=link_to,
        )
        built = build_use_cases(dependencies, self.limits, self._window_ms, admission=self._admission)
        self.receiver, self.steps, self._sweeper = built.receiver, built.steps, built.sweeper
        self._planner, self._inspection = self.steps.planner, self.steps.inspection
        self._reviewer, self._deliverer, self._closer = self.steps.reviewer, self.steps.deliverer, self.steps.closer

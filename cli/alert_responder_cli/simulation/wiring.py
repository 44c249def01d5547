"""Build the use cases on stand-ins for AWS, as the functions' bootstrap does on AWS."""

from collections.abc import Callable
from dataclasses import dataclass

from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.lookup_plan import Limits
from alert_responder.store.deliveries import Deliveries
from alert_responder.store.ledger import Ledger
from alert_responder.store.quotas import Quotas
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.store.table import Table
from alert_responder.usecases.admission import Admission
from alert_responder.usecases.archive import ReportArchive
from alert_responder.usecases.close import Closer
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.emit import Deliverer
from alert_responder.usecases.inspect import Inspection
from alert_responder.usecases.plan import Planner
from alert_responder.usecases.ports import (
    Archive,
    Clock,
    Identifiers,
    Links,
    PagePrinter,
    PluginCalls,
    Registry,
    Workflow,
)
from alert_responder.usecases.publication import Publisher
from alert_responder.usecases.rate_limit import RateLimiter
from alert_responder.usecases.receive import Receiver
from alert_responder.usecases.review import Reviewer
from alert_responder.usecases.sweep import Sweeper
from alert_responder_cli.aws.in_memory import SerialExecutor
from alert_responder_cli.simulation.execution import Steps


@dataclass(frozen=True)
class Dependencies:
    """Everything that the use cases need from outside.

    Attributes
    ----------
    sleep
        Waits [ms].
    new_token
        Creates a unique token.
    print_page, link
        Renders the page of a report; returns the address of an object in the archive.
    """

    table: Table
    workflow: Workflow
    archive: Archive
    registry: Registry
    plugins: PluginCalls
    clock: Clock
    sleep: Callable[[int], None]
    new_id: Identifiers
    new_token: Callable[[], str]
    print_page: PagePrinter
    link: Links


@dataclass(frozen=True)
class UseCases:
    """The use cases of the three functions."""

    receiver: Receiver
    steps: Steps
    sweeper: Sweeper


def build_use_cases(
    dependencies: Dependencies,
    limits: Limits,
    window_ms: int,
    inspection_timeout_ms: int = 60_000,
    admission: AdmissionLimits = AdmissionLimits(),  # noqa: B008 - frozen
) -> UseCases:
    """Build the use cases; everything runs in the caller's thread.

    Parameters
    ----------
    window_ms
        Aggregation window [ms].
    inspection_timeout_ms
        Time limit of a lookup [ms].
    admission
        Limits of new reports per hour.
    """
    table, plugins, clock = dependencies.table, dependencies.plugins, dependencies.clock
    store, ledger, deliveries = ReportStore(table, Retention(1)), Ledger(table), Deliveries(table)
    executor = SerialExecutor()
    archive = ReportArchive(dependencies.archive, dependencies.print_page)
    publisher = Publisher(store, deliveries, archive, clock, dependencies.new_token)
    turns = RateLimiter(Quotas(table), clock, dependencies.sleep, lambda _: None)
    return UseCases(
        receiver=Receiver(
            store,
            dependencies.workflow,
            clock,
            dependencies.new_id,
            window_ms,
            ReportCaps(lambda: dependencies.archive),
            Admission(admission),
        ),
        steps=Steps(
            limits=limits,
            planner=Planner(store, ledger, dependencies.registry, clock, executor, limits, inspection_timeout_ms),
            inspection=Inspection(ledger, turns, plugins, clock, executor, executor, inspection_timeout_ms),
            reviewer=Reviewer(store, ledger, publisher, dependencies.registry, plugins, clock, limits),
            deliverer=Deliverer(
                deliveries,
                dependencies.archive,
                plugins,
                clock,
                dependencies.new_token,
                lambda _: None,
                dependencies.link,
            ),
            closer=Closer(store, deliveries, dependencies.workflow, clock),
        ),
        sweeper=Sweeper(store, dependencies.workflow, clock),
    )

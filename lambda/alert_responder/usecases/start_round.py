"""ENSURE: an open report's current round has an execution, whoever noticed that it should."""

from alert_responder.domain.records import Head
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ports import Workflow


def start_round(head: Head, store: ReportStore, workflow: Workflow) -> None:
    """Start the execution of the head's round unless it is known to be started.

    Guarantees nothing is started twice: the execution's name is the round's, and the state machine takes a name once. A
    crash between the two calls is repaired by the next caller.
    """
    if head.started < head.round and (head.state == "open" or head.as_it_stands):
        workflow.start(head.report_id, head.alert_id, head.round, as_it_stands=head.as_it_stands)
        store.confirm_started(head)


def start_current_round(report_id: str, now: int, store: ReportStore, workflow: Workflow) -> None:
    """Read a report's head and start its round if it is not; a report that has expired is left alone."""
    head = store.head(report_id, now)
    if head is not None:
        start_round(head, store, workflow)

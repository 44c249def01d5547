"""Start the execution of a report's current round."""

from alert_responder.domain.records import Head
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ports import Workflow


def start_round(head: Head, store: ReportStore, workflow: Workflow) -> None:
    """Start the execution of the head's round, unless the head shows that it was started.

    No round is started twice: the execution is named after the round, and Step Functions accepts a name once. After a
    crash between the two calls, the next caller repeats them.
    """
    if head.started < head.round and (head.state == "open" or head.as_it_stands):
        workflow.start(head.report_id, head.alert_id, head.round, as_it_stands=head.as_it_stands)
        store.confirm_started(head)


def start_current_round(report_id: str, now: int, store: ReportStore, workflow: Workflow) -> None:
    """Read a report's head and start its round; an expired report is left alone."""
    head = store.head(report_id, now)
    if head is not None:
        start_round(head, store, workflow)

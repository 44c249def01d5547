"""Redrive failures where nothing can be done twice."""

import json
from typing import Any, Literal

from pydantic import BaseModel

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.identifiers import execution_name
from alert_responder.store.reports import ReportStore, Retention
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.failures import items_of, may_reopen

_READ_SECONDS = 930


class Redriven(BaseModel, frozen=True):
    """The result of a redrive.

    Attributes
    ----------
    done
        `swept`: the sweeper was called for the report; `reopened`: another round was started, which repeats the failed
        deliveries; `nothing`.
    """

    what: str
    done: Literal["swept", "reopened", "nothing"]
    why: str


def sweep(installation: Installation, execution: str | None = None) -> dict[str, Any]:
    """Call the sweeper for one report, by the name of its execution, or for all open ones.

    Raises
    ------
    CommandError
        The sweeper failed, or a permission is missing (`lambda:InvokeFunction` on the coordinator).
    """
    # No retry: a sweep may take long, and the next one is scheduled.
    client = installation.client(
        "lambda", read_timeout=_READ_SECONDS, retries={"mode": "standard", "total_max_attempts": 1}
    )
    event = {"step": "sweep"} if execution is None else {"step": "sweep", "execution": execution}
    with explain_aws_errors():
        answer = client.invoke(FunctionName=installation.function("coordinator"), Payload=json.dumps(event).encode())
        body = answer["Payload"].read()
    if "FunctionError" in answer:
        raise CommandError("The coordinator failed during the sweep; see its log.")
    result = json.loads(body)
    return result if isinstance(result, dict) else {}


def redrive_report(installation: Installation, report_id: str, now: int) -> Redriven:
    """Redrive one report as far as that is safe [now: ms since the epoch].

    The sweeper is called for an open report: it starts the round if it was never started, and the next one if the
    execution failed. A closed report gets another round if `may_reopen` allows it.

    Raises
    ------
    CommandError
        The report does not exist, or a permission is missing (`dynamodb:Query`, `dynamodb:GetItem` and
        `dynamodb:UpdateItem` on the table, `lambda:InvokeFunction` on the coordinator).
    """
    client = installation.client("dynamodb")
    store = ReportStore(DynamoDBTable(client, installation.table), Retention(1))
    with explain_aws_errors():
        head = store.head(report_id, now)
    if head is None:
        raise CommandError(f"Report {report_id} was not found (it may have expired).")
    if head.state == "open":
        sweep(installation, execution_name(report_id, head.round))
        return Redriven(what=report_id, done="swept", why=f"The report is open in round {head.round}.")
    if not may_reopen(items_of(client, installation, report_id)):
        return Redriven(
            what=report_id,
            done="nothing",
            why=f"The report is {head.state}, and no failed delivery can be repeated safely.",
        )
    with explain_aws_errors():
        reopened = store.reopen(head)
    # Also if another process reopened it first, since that process may have died before starting the round.
    sweep(installation, execution_name(report_id, head.round + 1))
    why = f"Round {head.round + 1} repeats the failed deliveries." if reopened else "Another process reopened it."
    return Redriven(what=report_id, done="reopened" if reopened else "swept", why=why)

"""Do again what failed, where that does nothing twice."""

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.identifiers import execution_name
from alert_responder.store.reports import ReportStore, Retention
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.failures import items_of, reopening_is_safe

_READ_SECONDS = 930


class Redriven(BaseModel):
    """What was done about something that failed.

    Attributes
    ----------
    done
        `swept`: whoever takes care of dead rounds was called for it; `reopened`: another round was begun, which tells
        those who were not told; `nothing`.
    """

    model_config = ConfigDict(frozen=True)

    what: str
    done: Literal["swept", "reopened", "nothing"]
    why: str


def sweep(installation: Installation, execution: str | None = None) -> dict[str, Any]:
    """Call the sweeper for one report, by the name of its execution, or for all open ones.

    Raises
    ------
    CommandError
        It failed, or may not be called (`lambda:InvokeFunction` on the coordinator).
    """
    # One try: it may take long, and the next sweep comes by itself.
    client = installation.client(
        "lambda", read_timeout=_READ_SECONDS, retries={"mode": "standard", "total_max_attempts": 1}
    )
    event = {"step": "sweep"} if execution is None else {"step": "sweep", "execution": execution}
    with explain_aws_errors():
        answer = client.invoke(FunctionName=installation.function("coordinator"), Payload=json.dumps(event).encode())
        body = answer["Payload"].read()
    if "FunctionError" in answer:
        raise CommandError("The coordinator failed to sweep; its log says why. What it had begun stays done.")
    found = json.loads(body)
    return found if isinstance(found, dict) else {}


def redrive_report(installation: Installation, report_id: str, now: int) -> Redriven:
    """Do what is safe about one report [now: ms since the epoch].

    An open one is swept: its round is started if it never was, and the next one if it died. One that is not open gets
    another round if an emitter was not told of it, for certain, and none may have been told without anybody knowing.

    Raises
    ------
    CommandError
        There is no such report, or a permission is missing (`dynamodb:Query`, `dynamodb:GetItem` and
        `dynamodb:UpdateItem` on the table, `lambda:InvokeFunction` on the coordinator).
    """
    client = installation.client("dynamodb")
    store = ReportStore(DynamoDBTable(client, installation.table), Retention(1))
    with explain_aws_errors():
        head = store.head(report_id, now)
    if head is None:
        raise CommandError(f"There is no report {report_id}: it never was, or has expired.")
    if head.state == "open":
        sweep(installation, execution_name(report_id, head.round))
        return Redriven(what=report_id, done="swept", why=f"It is open, in round {head.round}.")
    if not reopening_is_safe(items_of(client, installation, report_id)):
        return Redriven(
            what=report_id,
            done="nothing",
            why=f"It is {head.state}, and no delivery failed that could be made without telling anybody twice.",
        )
    with explain_aws_errors():
        reopened = store.reopen(head)
    # Also when somebody else was faster: the report is open then, and whoever opened it may have died.
    sweep(installation, execution_name(report_id, head.round + 1))
    why = f"Round {head.round + 1} tells those who were not told." if reopened else "Somebody has just opened it again."
    return Redriven(what=report_id, done="reopened" if reopened else "swept", why=why)

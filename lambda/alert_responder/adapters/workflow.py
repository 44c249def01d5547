"""The state machine on Step Functions."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import dependency_errors
from alert_responder.domain.identifiers import execution_name

if TYPE_CHECKING:
    from types_boto3_stepfunctions import SFNClient


class StepFunctionsWorkflow:
    """See `usecases.ports.Workflow`.

    Parameters
    ----------
    arn
        ARN of the state machine.
    """

    def __init__(self, client: "SFNClient", arn: str) -> None:
        self._client = client
        self._arn = arn

    def start(self, report_id: str, alert_id: str, round_: int, *, as_it_stands: bool) -> None:
        """Start the execution of a round; one that exists, running or ended, is left alone."""
        document = {"report_id": report_id, "alert_id": alert_id, "round": round_, "as_it_stands": as_it_stands}
        name, text = execution_name(report_id, round_), json.dumps(document)
        try:
            with dependency_errors("start_execution", except_codes={"ExecutionAlreadyExists"}):
                self._client.start_execution(stateMachineArn=self._arn, name=name, input=text)
        except ClientError:
            return

    def is_running(self, report_id: str, round_: int) -> bool | None:
        """Whether the execution of a round has not ended; None if Step Functions does not find it."""
        arn = self._arn.replace(":stateMachine:", ":execution:", 1) + f":{execution_name(report_id, round_)}"
        try:
            with dependency_errors("describe_execution", except_codes={"ExecutionDoesNotExist"}):
                return self._client.describe_execution(executionArn=arn)["status"] in {"RUNNING", "PENDING_REDRIVE"}
        except ClientError:
            return None

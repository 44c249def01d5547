"""The state machine on Step Functions."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import as_dependency_error, error_code
from alert_responder.domain.identifiers import execution_name


class StepFunctionsWorkflow:
    """See `usecases.ports.Workflow`.

    Parameters
    ----------
    client
        A boto3 Step Functions client.
    arn
        ARN of the state machine.
    """

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def start(self, report_id: str, alert_id: str, round_: int, *, as_it_stands: bool) -> None:
        """Start the execution of a round; one that exists, running or ended, is left alone."""
        document = {"report_id": report_id, "alert_id": alert_id, "round": round_, "as_it_stands": as_it_stands}
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=execution_name(report_id, round_), input=json.dumps(document)
            )
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise as_dependency_error("start_execution", error) from error
        except BotoCoreError as error:
            raise as_dependency_error("start_execution", error) from error

    def is_running(self, report_id: str, round_: int) -> bool:
        """Whether the execution of a round exists and has not ended."""
        arn = self._arn.replace(":stateMachine:", ":execution:", 1) + f":{execution_name(report_id, round_)}"
        try:
            return bool(self._client.describe_execution(executionArn=arn)["status"] in {"RUNNING", "PENDING_REDRIVE"})
        except ClientError as error:
            if error_code(error) == "ExecutionDoesNotExist":
                return False
            raise as_dependency_error("describe_execution", error) from error
        except BotoCoreError as error:
            raise as_dependency_error("describe_execution", error) from error

"""Send an operator's commands to the function of a quarantine."""

import json
from typing import TYPE_CHECKING, Any

from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.quarantine.approval import sign, statement

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


class QuarantineClient:
    """Commands a quarantine; `commands` describes the answers.

    Parameters
    ----------
    function
        Name or ARN of the function that accepts commands.
    credentials
        The approver's credentials: `boto3.Session().get_credentials().get_frozen_credentials()`.
    region
        Region of the installation.
    sts_endpoint
        Address of STS; None for the region's own.
    """

    def __init__(
        self,
        client: "LambdaClient",
        function: str,
        credentials: Any,
        region: str,
        partition: str = "aws",
        sts_endpoint: str | None = None,
    ) -> None:
        self._client = client
        self._function = function
        self._credentials = credentials
        self._region = region
        self._partition = partition
        self._sts_endpoint = sts_endpoint

    def list(self, account: str | None = None) -> dict[str, Any]:
        """Return the entries, of one account only if it is given.

        `reason`, `refusal` and `target` contain safe text; `parts` contains values from AWS.
        """
        return self._invoke({"action": "list"} | ({"account": account} if account else {}))

    def approve(self, id_: str) -> dict[str, Any]:
        """Approve a waiting entry, exactly as it is listed now."""
        listed = self.list()
        entry = next((entry for entry in listed["entries"] if entry["id"] == id_), None)
        if entry is None:
            return {"done": False, "reason": "The entry does not exist; list returns all entries.", "entries": []}
        what = statement(listed["label"], entry["id"], entry["token"])
        proof = sign(self._credentials, self._region, what, self._sts_endpoint, self._partition)
        return self._invoke({"action": "approve", "id": id_, "proof": proof.model_dump()})

    def release(self, id_: str, *, force: bool = False) -> dict[str, Any]:
        """Release a target, or withdraw a waiting entry; `force` overwrites later changes by others."""
        return self._invoke({"action": "release", "id": id_, "force": force})

    def stop(self) -> dict[str, Any]:
        """Prevent new actions."""
        return self._invoke({"action": "stop"})

    def start(self) -> dict[str, Any]:
        """Allow new actions again."""
        return self._invoke({"action": "start"})

    def _invoke(self, command: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(command).encode())
        payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise ReceiverFailedError("The quarantine's function failed; see its log.")
        document: dict[str, Any] = json.loads(payload)
        return document

"""A person's side of the quarantine: commands to its function, under his own credentials."""

import json
from typing import Any

from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.quarantine.approval import sign, statement


class QuarantineClient:
    """Commands a quarantine; every answer is what `commands` says, with `done` and `reason`.

    Parameters
    ----------
    client
        A boto3 client of Lambda.
    function
        Name or ARN of the quarantine's function.
    credentials
        Who approves: `boto3.Session().get_credentials().get_frozen_credentials()`.
    region
        Of the installation.
    sts_endpoint
        Address of STS; None: that of the region.
    """

    def __init__(
        self,
        client: Any,
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

    def list(self) -> dict[str, Any]:
        """Return the entries. What stands in `reason`, `refusal` and `target` is ours; in `parts`, AWS'."""
        return self._invoke({"action": "list"})

    def approve(self, id_: str) -> dict[str, Any]:
        """Approve what waits, exactly as it is listed now."""
        listed = self.list()
        entry = next((entry for entry in listed["entries"] if entry["id"] == id_), None)
        if entry is None:
            return {"done": False, "reason": "There is no such entry; list shows them.", "entries": []}
        what = statement(listed["label"], entry["kind"], entry["target"], entry["token"])
        proof = sign(self._credentials, self._region, what, self._sts_endpoint, self._partition)
        return self._invoke({"action": "approve", "id": id_, "proof": proof.model_dump()})

    def release(self, id_: str, *, force: bool = False) -> dict[str, Any]:
        """Undo a containment, or take back what waits; `force` overwrites what somebody else has changed since."""
        return self._invoke({"action": "release", "id": id_, "force": force})

    def stop(self) -> dict[str, Any]:
        """Have nothing new begin."""
        return self._invoke({"action": "stop"})

    def start(self) -> dict[str, Any]:
        """Have things begin again."""
        return self._invoke({"action": "start"})

    def _invoke(self, command: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(command).encode())
        payload = answer["Payload"].read()
        if "FunctionError" in answer:
            raise ReceiverFailedError("The quarantine's function failed; its log says why.")
        said: dict[str, Any] = json.loads(payload)
        return said

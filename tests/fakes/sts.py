"""An STS that checks signatures, and a person who signs."""

import hmac
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from alert_responder_plugins.quarantine.approval import CLIENT
from tests.fakes.quarantine import ACCOUNT, REGION

PERSON = f"arn:aws:sts::{ACCOUNT}:assumed-role/security/alice"
ALICE = Credentials("ASIAALICEALICEALICE1", "alices-secret", "alices-token")


class Sts:
    """Checks signatures of `GetCallerIdentity` over the signed headers and the body, as STS does.

    Attributes
    ----------
    sent
        The requests received.
    client
        A boto3 client of this STS.
    """

    def __init__(self, arn: str = PERSON, account: str = ACCOUNT) -> None:
        self.arn, self.account = arn, account
        self.sent: list[Any] = []
        self.client = boto3.client("sts", region_name=REGION, config=CLIENT)
        events: Any = self.client.meta.events
        events.register("before-send.sts.GetCallerIdentity", self._answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
        right = self._signature(request.url, request.body, headers)
        given = headers["authorization"].rpartition("Signature=")[2]
        if not hmac.compare_digest(right, given):
            return self._response(
                request, 403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"
            )
        result = f"<Arn>{self.arn}</Arn><UserId>x</UserId><Account>{self.account}</Account>"
        body = f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
        return self._response(request, 200, f"<GetCallerIdentityResponse>{body}</GetCallerIdentityResponse>")

    def _signature(self, url: str, body: Any, headers: dict[str, str]) -> str:
        covered = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        signed = {name: headers[name] for name in covered if name in headers and name not in ("host", "x-amz-date")}
        request = AWSRequest("POST", url, data=body, headers=signed)
        request.context["timestamp"] = headers["x-amz-date"]
        request.headers["X-Amz-Date"] = headers["x-amz-date"]
        auth = SigV4Auth(ALICE, "sts", REGION)
        return str(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))

    @staticmethod
    def _response(request: Any, status: int, body: str) -> AWSResponse:
        class Raw:
            def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
                yield body.encode()

        return AWSResponse(request.url, status, HTTPHeaders(), Raw())

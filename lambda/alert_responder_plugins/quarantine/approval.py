"""Who a person is: a request to STS that he signed, for one containment, and that is sent on his behalf.

A function cannot see who called it. So whoever approves signs `sts:GetCallerIdentity` with his own credentials,
together with a header that says what he approves. The signature is of no use for anything else, and only for minutes.
Address, body and that header are ours when we send it, never what we were given; STS answers with the ARN of who
signed.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alert_responder_plugins.common.errors import PluginFaultError
from alert_responder_plugins.quarantine.model import Entry
from alert_responder_plugins.quarantine.names import principal_of
from alert_responder_plugins.quarantine.settings import QuarantineSettings

HEADER: Final = "X-Alert-Responder-Approval"
_BODY: Final = "Action=GetCallerIdentity&Version=2011-06-15"
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
_SIGNED = {"host", "x-amz-date", HEADER.lower()}
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[A-Z0-9]{16,128}/[0-9]{8}/(?P<region>[a-z0-9-]{1,32})/sts/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]{1,500}), Signature=[0-9a-f]{64}"
)

CLIENT = Config(signature_version=UNSIGNED, connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
"""For the client of STS that sends what others signed: it adds no signature of its own."""


class NotProvenError(PluginFaultError):
    """It is not proven who approves, or he may not; the message says which."""


class Proof(BaseModel):
    """What a person's signature consists of; of no use but for the containment it was made for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authorization: str = Field(max_length=1_000, pattern=r"^[ -~]+$")
    date: str = Field(pattern=r"^[0-9]{8}T[0-9]{6}Z$")
    security_token: str | None = Field(default=None, max_length=4_096, pattern=r"^[!-~]+$")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed."""

    account: str
    arn: str


def statement(label: str, kind: str, target: str, token: str) -> str:
    """Return what is approved, as the signed header has it."""
    return f"approve/{label}/{kind}/{target}/{token}"


def sign(credentials: Any, region: str, what: str, endpoint: str | None = None, partition: str = "aws") -> Proof:
    """Sign an approval.

    Parameters
    ----------
    credentials
        The person's (`boto3.Session().get_credentials().get_frozen_credentials()`).
    region
        Of the installation.
    what
        From `statement`.
    endpoint
        Address of STS; None: that of the region.
    """
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    url = f"{(endpoint or f'https://sts.{region}.{suffix}').rstrip('/')}/"
    request = AWSRequest("POST", url, data=_BODY, headers={HEADER: what, "Content-Type": _FORM})
    SigV4Auth(credentials, "sts", region).add_auth(request)
    return Proof(
        authorization=request.headers["Authorization"],
        date=request.headers["X-Amz-Date"],
        security_token=request.headers.get("X-Amz-Security-Token"),
    )


class Callers:
    """Asks STS who signed.

    Parameters
    ----------
    client
        A boto3 client of STS for the region, made with `CLIENT`.
    """

    def __init__(self, client: Any, region: str) -> None:
        self._client = client
        self._region = region

    def identify(self, proof: Proof, what: str) -> Caller:
        """Return who signed this statement within the last minutes; raise `NotProvenError` if nobody did."""
        match = _AUTHORIZATION.fullmatch(proof.authorization)
        if not match or match["region"] != self._region:
            raise NotProvenError(f"This is no signature for STS in {self._region}.")
        # A header that is not signed may be anything: then the signature would not say what was approved.
        if not set(match["headers"].split(";")) >= _SIGNED:
            raise NotProvenError("The signature does not cover what is approved.")
        headers = {"Authorization": proof.authorization, "X-Amz-Date": proof.date, HEADER: what}
        if proof.security_token:
            headers["X-Amz-Security-Token"] = proof.security_token
        return self._ask(headers)

    def _ask(self, headers: Mapping[str, str]) -> Caller:
        def add(params: dict[str, Any], **_: object) -> None:
            params["headers"].update(headers)

        events = self._client.meta.events
        events.register("before-call.sts.GetCallerIdentity", add)
        try:
            answer = self._client.get_caller_identity()
        except (ClientError, BotoCoreError):
            raise NotProvenError("STS does not accept the signature for this; sign it anew and try again.") from None
        finally:
            events.unregister("before-call.sts.GetCallerIdentity", add)
        return Caller(answer["Account"], answer["Arn"])


def may_approve(caller: Caller, entry: Entry, settings: QuarantineSettings) -> str | None:
    """Say why a caller may not approve an entry; None: he may."""
    if caller.account != settings.account_id:
        return "Who signed is of another account."
    who = principal_of(caller.arn, settings.partition, settings.account_id)
    if who is None:
        return "Who signed is neither a user nor a role's session."
    if matches((who,), (f"role/{settings.installation}-*",)):
        return "Who signed is a role of AlertResponder's, no person."
    if who == entry.target:
        return "Who signed is who would be contained."
    if not matches((caller.arn,), settings.approvers):
        return "Who signed is not one of those who may approve."
    return None


def verified(entry: Entry, callers: Callers, settings: QuarantineSettings) -> Caller:
    """Return who approved an entry, by the signature it holds; raise `NotProvenError` if nobody who may has.

    A word in the table is no approval: whoever could write an entry there could not have signed it.
    """
    try:
        proof = Proof.model_validate(entry.proof)
    except ValidationError:
        raise NotProvenError("It has no approval that could be verified.") from None
    caller = callers.identify(proof, statement(settings.label, entry.kind, entry.target, entry.token))
    if refusal := may_approve(caller, entry, settings):
        raise NotProvenError(refusal)
    return caller


def matches(names: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether any name fits any pattern; `*` stands for any text, and case does not matter."""
    folded = [name.casefold() for name in names]
    # Only the asterisk is special: brackets and question marks stand for themselves.
    plain = [pattern.casefold().replace("[", "[[]").replace("?", "[?]") for pattern in patterns]
    return any(fnmatch.fnmatchcase(name, pattern) for name in folded for pattern in plain)

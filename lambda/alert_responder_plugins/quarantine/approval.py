"""Identify approvers by a request to STS that they sign for one containment.

A function cannot see its caller. Approvers therefore sign `sts:GetCallerIdentity` with their own credentials, together
with a header that states what they approve. The signature cannot be used for anything else, and is valid for minutes.
The function sends the request to STS with its own address, body and header, never with those that it received; STS
returns the ARN of the signer.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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

if TYPE_CHECKING:
    from types_boto3_sts import STSClient

HEADER: Final = "X-Alert-Responder-Approval"
_BODY: Final = "Action=GetCallerIdentity&Version=2011-06-15"
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
_SIGNED = {"host", "x-amz-date", HEADER.lower()}
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[A-Z0-9]{16,128}/[0-9]{8}/(?P<region>[a-z0-9-]{1,32})/sts/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]{1,500}), Signature=[0-9a-f]{64}"
)

CLIENT = Config(signature_version=UNSIGNED, connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
"""Configuration of the STS client that sends requests signed by others: it does not sign them."""


class NotProvenError(PluginFaultError):
    """The signature is invalid, or the signer may not approve."""


class Proof(BaseModel):
    """An approver's signature, which is valid for one containment only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authorization: str = Field(max_length=1_000, pattern=r"^[ -~]+$")
    date: str = Field(pattern=r"^[0-9]{8}T[0-9]{6}Z$")
    security_token: str | None = Field(default=None, max_length=4_096, pattern=r"^[!-~]+$")


@dataclass(frozen=True, slots=True)
class Caller:
    """The signer of a request."""

    account: str
    arn: str


def statement(label: str, id_: str, token: str) -> str:
    """Return the content of the signed header: what is approved.

    Parameters
    ----------
    id_
        The entry's id, which contains account and region of a target in a member account.
    """
    return f"approve/{label}/{id_}/{token}"


def sign(credentials: Any, region: str, what: str, endpoint: str | None = None, partition: str = "aws") -> Proof:
    """Sign an approval.

    Parameters
    ----------
    credentials
        The approver's (`boto3.Session().get_credentials().get_frozen_credentials()`).
    region
        Region of the installation.
    what
        Returned by `statement`.
    endpoint
        Address of STS; None for the region's own.
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
    """Identifies signers through STS.

    Parameters
    ----------
    client
        A client for the region, configured with `CLIENT`.
    """

    def __init__(self, client: "STSClient", region: str) -> None:
        self._client = client
        self._region = region

    def identify(self, proof: Proof, what: str) -> Caller:
        """Return who signed this statement within the last minutes; raise `NotProvenError` for invalid signatures."""
        match = _AUTHORIZATION.fullmatch(proof.authorization)
        if not match or match["region"] != self._region:
            raise NotProvenError(f"The signature is not for STS in {self._region}.")
        # A header that is not signed can be changed: the signature would not prove what was approved.
        if not set(match["headers"].split(";")) >= _SIGNED:
            raise NotProvenError("The signature does not cover the approval.")
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
            raise NotProvenError("STS rejected the signature; sign the approval again.") from None
        finally:
            events.unregister("before-call.sts.GetCallerIdentity", add)
        return Caller(answer["Account"], answer["Arn"])


def may_approve(caller: Caller, entry: Entry, settings: QuarantineSettings) -> str | None:
    """Return why a caller may not approve an entry; None if the caller may."""
    if caller.account != settings.account_id:
        return "The signer belongs to another account."
    principal = principal_of(caller.arn, settings.partition, settings.account_id)
    if principal is None:
        return "The signer must be a user or a role session."
    if matches((principal,), (f"role/{settings.installation}-*",)):
        return "The signer is one of AlertResponder's own roles."
    # The signer is in this account, where a principal of a member account may have a namesake.
    if not entry.account and principal == entry.target:
        return "The signer is the target."
    if not matches((caller.arn,), settings.approvers):
        return "The signer may not approve."
    return None


def verified(entry: Entry, callers: Callers, settings: QuarantineSettings) -> Caller:
    """Return who approved an entry, according to its stored signature; raise `NotProvenError` if it is not valid.

    The state in the table is not sufficient: write access to the table does not include the right to approve.
    """
    try:
        proof = Proof.model_validate(entry.proof)
    except ValidationError:
        raise NotProvenError("The entry has no valid approval.") from None
    caller = callers.identify(proof, statement(settings.label, entry.id, entry.token))
    if refusal := may_approve(caller, entry, settings):
        raise NotProvenError(refusal)
    return caller


def matches(names: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether any name matches any pattern; `*` matches any text, and case is ignored."""
    folded = [name.casefold() for name in names]
    # Only the asterisk is special: brackets and question marks match themselves.
    escaped = [pattern.casefold().replace("[", "[[]").replace("?", "[?]") for pattern in patterns]
    return any(fnmatch.fnmatchcase(name, pattern) for name in folded for pattern in escaped)

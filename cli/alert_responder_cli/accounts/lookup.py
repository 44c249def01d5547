"""Ask the accounts of an organisation: one AssumeRole per account, and one GetRole per role, many accounts at once."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder.domain.directory import AccountFacts
from alert_responder_cli.accounts.settings import Member
from alert_responder_cli.accounts.status import AccountReport, FoundRole, answered, not_asked, unanswered
from alert_responder_cli.aws.access import Access, explain_aws_errors, explanation
from alert_responder_plugins.common.member_roles import reader_of, responder_of

_THREADS = 32
_SESSION = "alert-responder-accounts"
_SESSION_SECONDS = 900
_TIMES = {"connect_timeout": 5, "read_timeout": 10}

# One client for all accounts, so that it slows down when STS throttles.
_STS = {"retries": {"mode": "adaptive", "total_max_attempts": 8}, "max_pool_connections": _THREADS, **_TIMES}
_IAM = {"retries": {"mode": "standard", "total_max_attempts": 5}, "max_pool_connections": _THREADS, **_TIMES}

_DENIED = "Access denied: the role {role} does not exist, does not trust your role, or expects another external id."


class Asker:
    """Asks accounts with the reader role of `modules/member`.

    Parameters
    ----------
    member
        How the role is assumed.
    forwarder
        The `name` of `modules/forwarder`.
    regions
        Regions whose forwarders are looked for.
    """

    def __init__(self, access: Access, member: Member, forwarder: str, regions: Sequence[str]) -> None:
        self._access = access
        self._member = member
        self._forwarders = {region: f"{forwarder}-forwarder-{region}" for region in regions}
        self._sts = access.client("sts", **_STS)
        self._iam = access.client("iam", **_IAM)
        # Sessions of boto3 are not safe for threads.
        self._lock = threading.Lock()

    def caller(self) -> str:
        """Return the ARN of the user's principal; raise `CommandError` if the credentials are not valid."""
        with explain_aws_errors():
            return str(self._sts.get_caller_identity()["Arn"])

    def ask(self, accounts: Iterable[AccountFacts], on_progress: Callable[[], None]) -> list[AccountReport]:
        """Ask all accounts; an account that does not answer ends nothing."""

        def one(account: AccountFacts) -> AccountReport:
            report = not_asked(account) or self._ask(account)
            on_progress()
            return report

        with ThreadPoolExecutor(_THREADS) as executor:
            return list(executor.map(one, accounts))

    def _ask(self, account: AccountFacts) -> AccountReport:
        role = reader_of(self._member.name)
        try:
            session = self._sts.assume_role(
                RoleArn=f"arn:{self._sts.meta.partition}:iam::{account.id}:role/{role}",
                RoleSessionName=_SESSION,
                ExternalId=self._member.external_id,
                DurationSeconds=_SESSION_SECONDS,
            )
        except ClientError as error:
            denied = error_code(error) == "AccessDenied"
            return unanswered(account, _DENIED.format(role=role) if denied else explanation(error))
        except BotoCoreError as error:
            return unanswered(account, _not_called(error))
        given = session["Credentials"]
        key = ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        with self._lock:
            iam = replace(self._access, key=key).client("iam", connections_of=self._iam, **_IAM)
        reader, responder, *forwarders = [
            _role(iam, name) for name in (role, responder_of(self._member.name), *self._forwarders.values())
        ]
        regions = dict(zip(self._forwarders, forwarders, strict=True))
        return answered(account, self._member.name, reader, responder, regions)


def _role(iam: Any, name: str) -> FoundRole:
    try:
        role = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        missing = error_code(error) == "NoSuchEntity"
        return FoundRole(exists=False, error=None if missing else explanation(error))
    except BotoCoreError as error:
        return FoundRole(exists=False, error=_not_called(error))
    return FoundRole(exists=True, tags={tag["Key"]: tag["Value"] for tag in role.get("Tags", ())})


def _not_called(error: BotoCoreError) -> str:
    return f"AWS could not be called ({type(error).__name__})."

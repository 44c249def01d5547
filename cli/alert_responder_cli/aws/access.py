"""Access to AWS with the user's credentials, and AWS errors as one sentence."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    SSLError,
)

from alert_responder.adapters.aws_errors import error_code
from alert_responder.errors import DependencyError
from alert_responder_cli.aws import local_runs
from alert_responder_cli.errors import CommandError

_LOCAL_KEY = ("test", "test")
"""Credentials of the root user of the emulated account; not a secret."""

_PROFILES = ReadOnlyCredentials(None, None, None)

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AccessDeniedError"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"}
_ACTION = re.compile(r"not authorized to perform: (?P<action>[\w:*-]+)(?: on resource: (?P<resource>\S+))?")


@dataclass(frozen=True)
class Access:
    """The selected access to AWS.

    Attributes
    ----------
    profile, region
        As in the AWS CLI; None: from the environment.
    local
        Use the local run that `make up` started instead of AWS.
    key
        Credentials to use instead of the profile's.
    """

    profile: str | None = None
    region: str | None = None
    local: bool = False
    key: ReadOnlyCredentials | None = None

    def client(self, service: str, *, connections_of: Any = None, **settings: Any) -> Any:
        """Create a boto3 client; `settings` are arguments of botocore's `Config`.

        Parameters
        ----------
        connections_of
            A client of the same service, whose connections are used: a new one takes a handshake, and 20 ms of the
            processor to read the certificates of authorities. None: its own.

        Raises
        ------
        CommandError
            The profile does not exist, no region is set, or no local run was found.
        """
        options: dict[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 5}}
        config = Config(**(options | settings))
        with explain_aws_errors():
            if self.local:
                client = _local(service, config, self.key or ReadOnlyCredentials(*_LOCAL_KEY, None))
            else:
                key = self.key or _PROFILES
                client = session(self.profile, self.region).client(
                    service,
                    config=config,
                    aws_access_key_id=key.access_key,
                    aws_secret_access_key=key.secret_key,
                    aws_session_token=key.token,
                )
        if connections_of is not None:
            # botocore has no public way.
            client._endpoint.http_session = connections_of._endpoint.http_session  # noqa: SLF001
        return client

    def fixed(self) -> "Access":
        """Return a copy with the current credentials, for another process, which cannot ask for an MFA code."""
        return replace(self, key=self.credentials())

    def credentials(self) -> ReadOnlyCredentials:
        """Return the current credentials.

        Raises
        ------
        CommandError
            There are none.
        """
        if self.local:
            return ReadOnlyCredentials(*_LOCAL_KEY, None)
        with explain_aws_errors():
            credentials = session(self.profile, self.region).get_credentials()
            if credentials is None:
                raise NoCredentialsError
            frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
            return frozen


@contextmanager
def explain_aws_errors() -> Generator[None]:
    """Convert exceptions of AWS and boto3 to a `CommandError` with advice."""
    try:
        try:
            yield
        except DependencyError as error:
            # The package's adapters drop the message of AWS, which names the permission.
            raise error.__cause__ or error from None
    except DependencyError as error:
        raise CommandError(f"Unexpected answer from AWS ({error}).") from error
    except ClientError as error:
        raise CommandError(explanation(error)) from error
    except NoCredentialsError as error:
        raise CommandError("No AWS credentials found: log in, or set AWS_PROFILE.") from error
    except NoRegionError as error:
        raise CommandError("No region is set: use --region, or set AWS_REGION.") from error
    except ProfileNotFound as error:
        raise CommandError(f"{error}.") from error
    except BotoCoreError as error:
        raise CommandError(_unreachable(error)) from error


def _unreachable(error: BotoCoreError) -> str:
    """Explain why AWS did not answer, and whether the local run has ended."""
    endpoint = str(error.kwargs.get("endpoint_url", ""))
    ended = local_runs.ended_at(endpoint, by_stranger=isinstance(error, SSLError)) if endpoint else None
    if ended is not None:
        return str(ended)
    if isinstance(error, EndpointConnectionError):
        return f"AWS cannot be reached at {endpoint}."
    return f"AWS could not be called ({type(error).__name__})."


def explanation(error: ClientError) -> str:
    """Describe an error of AWS in a sentence, with the missing permission if there is one."""
    code = error_code(error)
    if code in _DENIED:
        named = _ACTION.search(error.response.get("Error", {}).get("Message", ""))
        if named is None:
            return f"Access denied: the permission for {error.operation_name} is missing."
        where = f" on {named['resource']}" if named["resource"] else ""
        return f"Access denied: the permission {named['action']}{where} is missing."
    if code in _EXPIRED:
        return f"The AWS credentials are invalid or expired ({code}): log in again."
    return f"AWS rejected {error.operation_name} ({code})."


@cache
def local_run() -> local_runs.LocalRun:
    """Resolve `--local` once per process, so that the whole command uses the same run."""
    return local_runs.current()


@cache
def session(profile: str | None, region: str | None) -> Any:
    """Create a session once: it loads the service descriptions, which takes long, and caches them."""
    return boto3.Session(profile_name=profile, region_name=region)


def _local(service: str, config: Config, key: ReadOnlyCredentials) -> Any:
    run = local_run()
    local: Any = boto3.Session(
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
        aws_session_token=key.token,
        region_name="us-east-1",
    )
    return local.client(service, endpoint_url=run.endpoint, verify=run.authority, config=config)

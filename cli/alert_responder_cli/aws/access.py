"""AWS as the caller may use it, and its refusals in one sentence."""

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

from alert_responder.errors import DependencyError
from alert_responder_cli.aws import local_runs
from alert_responder_cli.errors import CommandError

_LOCAL_KEY = ("test", "test")
"""Of the root user of the emulated account; known to everybody, and opens nothing."""

_PROFILES = ReadOnlyCredentials(None, None, None)

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AccessDeniedError"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"}
_ACTION = re.compile(r"not authorized to perform: (?P<action>[\w:*-]+)(?: on resource: (?P<resource>\S+))?")


@dataclass(frozen=True)
class Access:
    """How AWS is reached.

    Attributes
    ----------
    profile, region
        As in the AWS CLI; None: from the environment.
    local
        True: the run on this machine that `make up` left, instead of AWS.
    key
        What signs instead of the profile's credentials; None: these.
    """

    profile: str | None = None
    region: str | None = None
    local: bool = False
    key: ReadOnlyCredentials | None = None

    def client(self, service: str, **settings: Any) -> Any:
        """Make a boto3 client; `settings` are those of botocore's `Config`.

        Raises
        ------
        CommandError
            When there is no such profile, no region, or no local run.
        """
        options: dict[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 5}}
        config = Config(**(options | settings))
        with explain_aws_errors():
            if self.local:
                return _local(service, config)
            key = self.key or _PROFILES
            return session(self.profile, self.region).client(
                service,
                config=config,
                aws_access_key_id=key.access_key,
                aws_secret_access_key=key.secret_key,
                aws_session_token=key.token,
            )

    def fixed(self) -> "Access":
        """Take the credentials of now along, for another process: nobody is asked for a code there."""
        return replace(self, key=self.credentials())

    def credentials(self) -> ReadOnlyCredentials:
        """Give the credentials at hand, for what is signed and sent by somebody else.

        Raises
        ------
        CommandError
            When there are none.
        """
        if self.local:
            return ReadOnlyCredentials(*_LOCAL_KEY, None)
        with explain_aws_errors():
            found = session(self.profile, self.region).get_credentials()
            if found is None:
                raise NoCredentialsError
            frozen: ReadOnlyCredentials = found.get_frozen_credentials()
            return frozen


@contextmanager
def explain_aws_errors() -> Generator[None]:
    """Turn what AWS and boto3 raise into a `CommandError` that says what to do."""
    try:
        try:
            yield
        except DependencyError as error:
            # The package's own adapters leave AWS's message out, which names the permission.
            raise error.__cause__ or error from None
    except DependencyError as error:
        raise CommandError(f"AWS did not answer as it should ({error}).") from error
    except ClientError as error:
        raise CommandError(explanation(error)) from error
    except NoCredentialsError as error:
        raise CommandError("There are no AWS credentials: log in, or set AWS_PROFILE.") from error
    except NoRegionError as error:
        raise CommandError("No region is set: use --region, or set AWS_REGION.") from error
    except ProfileNotFound as error:
        raise CommandError("There is no such profile in the AWS configuration.") from error
    except BotoCoreError as error:
        raise CommandError(_unreachable(error)) from error


def _unreachable(error: BotoCoreError) -> str:
    """Explain why no answer came: a local run that has ended is not an AWS that cannot be reached."""
    endpoint = str(error.kwargs.get("endpoint_url", ""))
    ended = local_runs.ended_at(endpoint, by_stranger=isinstance(error, SSLError)) if endpoint else None
    if ended is not None:
        return str(ended)
    if isinstance(error, EndpointConnectionError):
        return f"AWS cannot be reached at {endpoint}."
    return f"AWS could not be asked ({type(error).__name__})."


def explanation(error: ClientError) -> str:
    """Say what AWS refused and, where a permission is missing, which one."""
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), str(answer.get("Message", ""))
    if code in _DENIED:
        named = _ACTION.search(message)
        if named is None:
            return f"AWS does not allow it: the permission for {error.operation_name} is missing."
        where = f" on {named['resource']}" if named["resource"] else ""
        return f"AWS does not allow it: the permission {named['action']}{where} is missing."
    if code in _EXPIRED:
        return f"The AWS credentials are not valid, or no longer ({code}): log in again."
    return f"AWS refused {error.operation_name} ({code})."


@cache
def local_run() -> local_runs.LocalRun:
    """Find the run that `--local` means once, so that all of a command is about the same one."""
    return local_runs.current()


@cache
def session(profile: str | None, region: str | None) -> Any:
    """Make a session once: it reads the descriptions of services, which takes long, and keeps them."""
    return boto3.Session(profile_name=profile, region_name=region)


def _local(service: str, config: Config) -> Any:
    run = local_run()
    key, secret = _LOCAL_KEY
    made: Any = boto3.Session(region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)
    return made.client(service, endpoint_url=run.endpoint, verify=run.authority, config=config)

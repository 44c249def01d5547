"""The emulated AWS account, as its root user sees it."""

import functools
import http.client
import json
import ssl
import tempfile
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"

# The root user is allowed everything; functions are allowed only what their roles say.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 - known to everybody, opens nothing


@dataclass(frozen=True)
class Account:
    """An emulated AWS account.

    Attributes
    ----------
    endpoint : str
        The address of all services.
    certificate : str
        Whom to trust there, as PEM.
    """

    endpoint: str
    certificate: str

    def client(self, service: str, **settings: Any) -> Any:
        """Make a boto3 client of the root user, untouched by the caller's AWS settings.

        Parameters
        ----------
        service : str
            The service's boto3 name.
        settings
            Further arguments of :class:`botocore.config.Config`.
        """
        session: Any = boto3.Session(region_name=REGION, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
        options: dict[str, Any] = {"proxies": {}, "retries": {"mode": "standard", "total_max_attempts": 5}}
        return session.client(
            service,
            endpoint_url=self.endpoint,
            verify=str(self.certificate_file()),
            config=Config(**(options | settings)),
        )

    def certificate_file(self) -> Path:
        """Give a file with the certificate, for programs that want one; it lasts as long as this process."""
        return _certificate_folder(self.certificate)

    def function_logs(self, function_name: str) -> list[str]:
        """Read what a function has logged, oldest first; empty when it has not run yet."""
        logs = self.client("logs")
        events: list[dict[str, Any]] = []
        try:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function_name}"):
                events += page["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"].rstrip() for event in sorted(events, key=lambda event: event["timestamp"])]

    def is_healthy(self) -> bool:
        """Say whether the account's services answer."""
        address = urllib.parse.urlsplit(self.endpoint)
        trust = ssl.create_default_context(cadata=self.certificate)
        connection = http.client.HTTPSConnection(address.hostname or "", address.port, timeout=2, context=trust)
        try:
            connection.request("GET", "/_ministack/health")
            return isinstance(json.load(connection.getresponse()), dict)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="alert-responder-trust-")


@functools.cache
def _certificate_folder(certificate: str) -> Path:
    path = Path(_folder().name) / f"{abs(hash(certificate))}.pem"
    path.write_text(certificate, encoding="ascii")
    return path

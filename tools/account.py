"""Access to the emulated AWS account as its root user."""

import functools
import http.client
import json
import ssl
import threading
import urllib.parse
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"

# The root user may do everything; functions may do only what their roles allow.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # nosec B105 # noqa: S105 - public, gives access to nothing

_lock = threading.Lock()


@functools.cache
def _session() -> Any:
    return boto3.Session(region_name=REGION, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)


@dataclass(frozen=True)
class Account:
    """An emulated AWS account.

    Attributes
    ----------
    endpoint : str
        Address of all services.
    authority : str
        File with the certificate to trust; removed with the emulator.
    """

    endpoint: str
    authority: str

    def client(self, service: str, **settings: Any) -> Any:
        """Make a boto3 client of the root user, unaffected by the caller's AWS settings.

        Parameters
        ----------
        service : str
            The service's boto3 name.
        settings
            Further arguments of :class:`botocore.config.Config`.
        """
        options: dict[str, Any] = {"proxies": {}, "retries": {"mode": "standard", "total_max_attempts": 5}}
        # One session, since each loads the services' models again; it makes one client at a time.
        with _lock:
            return _session().client(
                service,
                endpoint_url=self.endpoint,
                verify=self.authority,
                config=Config(**(options | settings)),
            )

    def function_logs(self, function_name: str) -> list[str]:
        """Read a function's log messages, oldest first; empty if it has not run yet."""
        logs = self.client("logs")
        events: list[dict[str, Any]] = []
        try:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function_name}"):
                events += page["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"].rstrip() for event in sorted(events, key=lambda event: event["timestamp"])]

    def is_healthy(self) -> bool:
        """Check whether the account's services answer."""
        address = urllib.parse.urlsplit(self.endpoint)
        try:
            trust = ssl.create_default_context(cafile=self.authority)
        except OSError:
            return False
        connection = http.client.HTTPSConnection(address.hostname or "", address.port, timeout=2, context=trust)
        try:
            connection.request("GET", "/_ministack/health")
            return isinstance(json.load(connection.getresponse()), dict)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()

"""Settings of the emitter `github`."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from alert_responder_plugins.common.settings import PluginSettings

PUBLIC_API = "https://api.github.com"
"""API of github.com; that of a GitHub Enterprise Server is `https://<host>/api/v3`."""

_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?")


def _address(value: str) -> str:
    # http is for tests and the demo, whose receivers run on a loopback address.
    if not (_HTTPS.fullmatch(value) or _LOOPBACK.fullmatch(value)):
        raise ValueError("must be an https address without a query, such as https://github.example.com/api/v3")
    return value.rstrip("/")


class GithubSettings(PluginSettings):
    """Environment variables that `modules/github` sets.

    Attributes
    ----------
    repository
        Repository of the issues: `owner/name`.
    label_prefix
        Beginning of the labels, before the severity.
    """

    api_url: Annotated[str, Field(alias="API_URL"), AfterValidator(_address)] = PUBLIC_API
    emitter: Annotated[str, Field(alias="EMITTER", min_length=1)]
    label_prefix: Annotated[str, Field(alias="LABEL_PREFIX", max_length=38, pattern=r"^[^,]*$")] = "severity: "
    repository: Annotated[str, Field(alias="REPOSITORY", pattern=r"^[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}$")]
    secret_arn: Annotated[str, Field(alias="SECRET_ARN", min_length=1)]
    table_name: Annotated[str, Field(alias="TABLE_NAME", min_length=1)]

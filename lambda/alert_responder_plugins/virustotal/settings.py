"""Settings of the inspector `virustotal`."""

from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from alert_responder_plugins.common.settings import PluginSettings
from alert_responder_plugins.virustotal.queries import RELATIONSHIPS

API_URL = "https://www.virustotal.com"
"""Host of VirusTotal's public API, to which the client appends `/api/v3`."""


def _listed(value: Any) -> Any:
    """Split a text at commas; an empty text is an empty list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in RELATIONSHIPS]
    if unknown:
        raise ValueError(f"must be some of {', '.join(RELATIONSHIPS)}")
    return names


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username or not parts.hostname:
        raise ValueError("must consist of scheme and host, such as https://www.virustotal.com")
    # http is for tests and the demo, whose receivers run on a loopback address.
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("must begin with https://; http:// is allowed for loopback addresses only")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
_Engines = Annotated[int, Field(ge=1, le=100)]


class VirusTotalSettings(PluginSettings):
    """Environment variables that `modules/virustotal` sets.

    Attributes
    ----------
    secret_arn, secret_field
        The secret with the API key, and its field if the secret is a JSON object.
    api_url
        Scheme and host of the API.
    relationships
        Relationships to request in addition to the object, one call each.
    premium
        Whether the key is a premium key.
    vendors
        Engines whose scans of samples are in the answer, at most 10, in this order.
    malicious_from, suspicious_from, harmless_from
        Minimum number of engines for each verdict; see `contents.AnswerWriter.verdict_of`.
    follow_hashes
        Whether related samples are looked up as well.
    budget_seconds
        Time limit of a lookup, including all calls and waits [s].
    """

    secret_arn: str = Field(alias="API_KEY_SECRET_ARN", min_length=1)
    secret_field: str | None = Field(alias="API_KEY_SECRET_FIELD", default=None)
    api_url: Annotated[str, AfterValidator(_base_url)] = Field(alias="API_URL", default=API_URL)
    relationships: Annotated[_Names, AfterValidator(_known)] = Field(alias="RELATIONSHIPS", default=RELATIONSHIPS)
    premium: bool = Field(alias="PREMIUM", default=False)
    vendors: Annotated[_Names, Field(max_length=10)] = Field(alias="VENDORS", default=())
    malicious_from: _Engines = Field(alias="MALICIOUS_FROM", default=3)
    suspicious_from: _Engines = Field(alias="SUSPICIOUS_FROM", default=1)
    harmless_from: _Engines = Field(alias="HARMLESS_FROM", default=10)
    follow_hashes: bool = Field(alias="FOLLOW_HASHES", default=False)
    budget_seconds: float = Field(alias="BUDGET_SECONDS", default=40, ge=1, le=840)

"""What the inspector reads from its environment; `modules/virustotal` sets it."""

from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from alert_responder_plugins.common.settings import PluginSettings
from alert_responder_plugins.virustotal.queries import RELATIONSHIPS

API_URL = "https://www.virustotal.com"
"""Where VirusTotal's public API is; the client adds `/api/v3`."""


def _listed(value: Any) -> Any:
    """Split a text at its commas; an empty one is an empty list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in RELATIONSHIPS]
    if unknown:
        raise ValueError(f"has to be some of {', '.join(RELATIONSHIPS)}")
    return names


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username or not parts.hostname:
        raise ValueError("has to be scheme and host alone, such as https://www.virustotal.com")
    # What stands in for VirusTotal in tests and the demo runs on the same machine, without a certificate.
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("has to begin with https://; http:// is for addresses of this machine only")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
_Engines = Annotated[int, Field(ge=1, le=100)]


class VirusTotalSettings(PluginSettings):
    """The inspector's settings.

    Attributes
    ----------
    secret_arn, secret_field
        Where the API key is: the secret, and the field of it if it is a JSON object.
    api_url
        Scheme and host of the API.
    relationships
        What to ask beside the object itself, one call each.
    premium
        Whether the key may ask what VirusTotal gives to premium keys only.
    vendors
        Engines whose scans of samples are told, at most 10, in this order.
    malicious_from, suspicious_from, harmless_from
        How many engines have to say so for each verdict; see `reading.verdict_of`.
    follow_hashes
        Whether samples that were found are to be looked up as well.
    budget_seconds
        Longest a lookup may take, all calls and waits together [s].
    """

    secret_arn: str = Field(alias="API_KEY_SECRET_ARN", min_length=1)
    secret_field: str | None = Field(alias="API_KEY_SECRET_FIELD", default=None)
    api_url: Annotated[str, AfterValidator(_safe)] = Field(alias="API_URL", default=API_URL)
    relationships: Annotated[_Names, AfterValidator(_known)] = Field(alias="RELATIONSHIPS", default=RELATIONSHIPS)
    premium: bool = Field(alias="PREMIUM", default=False)
    vendors: Annotated[_Names, Field(max_length=10)] = Field(alias="VENDORS", default=())
    malicious_from: _Engines = Field(alias="MALICIOUS_FROM", default=3)
    suspicious_from: _Engines = Field(alias="SUSPICIOUS_FROM", default=1)
    harmless_from: _Engines = Field(alias="HARMLESS_FROM", default=10)
    follow_hashes: bool = Field(alias="FOLLOW_HASHES", default=False)
    budget_seconds: float = Field(alias="BUDGET_SECONDS", default=40, ge=1, le=840)

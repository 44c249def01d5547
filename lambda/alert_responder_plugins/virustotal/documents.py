"""VirusTotal's objects, as far as they are read.

Whatever does not fit is taken for missing: most of it was written by strangers, and one odd field is no reason to lose
the rest. Texts are cut to a length that keeps the answer small, and end in three dots then.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

LONGEST_TEXT = 200
LONGEST_URL = 1000
LONGEST_NAME = 64
"""Of what an engine calls a sample; there are up to 150 of them in an answer."""

_YEAR_10000 = 253_402_300_800


def _or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _cut(length: int) -> Callable[[str | None], str | None]:
    def cut(text: str | None) -> str | None:
        return text if text is None or len(text) <= length else f"{text[: length - 3]}..."

    return cut


def _time(value: Any) -> str | None:
    """Write seconds since 1970 as RFC 3339; 0 means not set."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _YEAR_10000:
        return None
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_Count = Annotated[int, Field(ge=0, strict=True)]
_Text = Annotated[str | None, AfterValidator(_cut(LONGEST_TEXT)), WrapValidator(_or_none)]
_Name = Annotated[str | None, AfterValidator(_cut(LONGEST_NAME)), WrapValidator(_or_none)]
_Url = Annotated[str | None, AfterValidator(_cut(LONGEST_URL)), WrapValidator(_or_none)]
_Sha256 = Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}\z"), WrapValidator(_or_none)]
_Time = Annotated[str | None, BeforeValidator(_time)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Stats(_Document):
    """How many engines say what; those that could not look are left out."""

    malicious: _Count = 0
    suspicious: _Count = 0
    harmless: _Count = 0
    undetected: _Count = 0

    @property
    def positives(self) -> int:
        """How many find something."""
        return self.malicious + self.suspicious

    @property
    def engines(self) -> int:
        """How many looked."""
        return self.positives + self.harmless + self.undetected


class Scan(_Document):
    """What one engine says."""

    category: _Text = None
    result: _Name = None


class Threat(_Document):
    """What several engines call it, in VirusTotal's own summary."""

    suggested_threat_label: _Text = None


class Fields(_Document):
    """The attributes of an object of any kind; each kind has some of them."""

    as_owner: _Text = None
    country: _Text = None
    registrar: _Text = None
    date: _Time = None
    host_name: _Text = None
    ip_address: _Text = None
    url: _Url = None
    last_final_url: _Url = None
    title: _Text = None
    sha256: _Sha256 = None
    meaningful_name: _Text = None
    type_description: _Text = None
    size: Annotated[_Count | None, WrapValidator(_or_none)] = None
    popular_threat_classification: Annotated[Threat | None, WrapValidator(_or_none)] = None
    last_analysis_date: _Time = None
    last_analysis_stats: Annotated[Stats | None, WrapValidator(_or_none)] = None
    last_analysis_results: Annotated[
        dict[str, Annotated[Scan | None, WrapValidator(_or_none)]] | None, WrapValidator(_or_none)
    ] = None


class Document(_Document):
    """An object: its identifier and its attributes."""

    id: _Text = None
    attributes: Annotated[Fields | None, WrapValidator(_or_none)] = None

    @property
    def fields(self) -> Fields:
        """The attributes; all missing where there are none."""
        return self.attributes or Fields()


def read(value: Any) -> Document:
    """Read an object; never raises, since what does not fit is missing."""
    try:
        return Document.model_validate(value)
    except ValidationError:
        return Document()

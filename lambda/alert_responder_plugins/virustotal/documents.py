"""Models of VirusTotal's objects.

Invalid fields are treated as missing, because most of the data is hostile, and one invalid field must not affect the
others. Long texts are shortened, and end in three dots.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

LONGEST_TEXT = 200
LONGEST_URL = 1000
LONGEST_NAME = 64
"""Maximum length of an engine's name for a sample, of which an answer contains up to 150."""

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
    """Convert seconds since 1970 to RFC 3339; 0 means unset."""
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
    """Number of engines by verdict, without those that did not analyse the object."""

    malicious: _Count = 0
    suspicious: _Count = 0
    harmless: _Count = 0
    undetected: _Count = 0

    @property
    def positives(self) -> int:
        """Number of engines with a malicious or suspicious verdict."""
        return self.malicious + self.suspicious

    @property
    def engines(self) -> int:
        """Number of engines with a verdict."""
        return self.positives + self.harmless + self.undetected


class Scan(_Document):
    """Verdict of one engine."""

    category: _Text = None
    result: _Name = None


class Threat(_Document):
    """VirusTotal's summary of the engines' names for a threat."""

    suggested_threat_label: _Text = None


class Fields(_Document):
    """Attributes of all kinds of objects; each kind has some of them."""

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
    """An object with its identifier and attributes."""

    id: _Text = None
    attributes: Annotated[Fields | None, WrapValidator(_or_none)] = None

    @property
    def fields(self) -> Fields:
        """The attributes, which are all missing if there are none."""
        return self.attributes or Fields()


def read(value: Any) -> Document:
    """Read an object; never raises, because invalid data is treated as missing."""
    try:
        return Document.model_validate(value)
    except ValidationError:
        return Document()

"""Why a query has no result."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["throttled", "failed", "no_data"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A query without a result.

    Attributes
    ----------
    kind
        `throttled` if it may succeed later; `failed` if somebody has to change something; `no_data` if the logs have
        nothing of the time that is asked about.
    denied
        Whether a call was denied, so that repeating it does not help.
    lost
        Whether the answer of a call is lost, so that the call may have been carried out.
    limited
        Whether a limit is the reason; it always is of `throttled`.
    """

    kind: Kind
    reason: str
    denied: bool = False
    lost: bool = False
    limited: bool = False

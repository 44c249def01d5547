"""Custom queries of an installation: with the parameter `:values`. Pure.

The parameter is replaced by a list of quoted values (`literals.py`). Log groups and the time range are not part of the
text: the Terraform module refuses commands that would extend them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder_plugins.logs_insights import literals
from alert_responder_plugins.logs_insights.groups import LogGroup, Place

_PARAMETER = re.compile(r":values\b")


@dataclass(frozen=True)
class CustomQuery:
    """A custom query of the settings.

    Attributes
    ----------
    places
        Where it is asked, with the log groups.
    text
        A query whose result has the field `value`, with the value of the attribute that a row belongs to.
    """

    name: str
    places: tuple[Place, ...]
    text: str
    attribute_types: frozenset[str]
    of_alert: tuple[LogGroup, ...] = ()


def build_custom_query(query: CustomQuery, values: Sequence[str]) -> str:
    """Replace the parameter of a query by a list of strings."""
    replaced = literals.text_list(values)
    return _PARAMETER.sub(lambda _match: replaced, query.text.strip())

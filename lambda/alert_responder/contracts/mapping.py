"""A format told by expressions: how any JSON becomes an alert without code.

Expressions are JMESPath (https://jmespath.org) with two functions more (`formats.functions`), evaluated on one event
without the envelopes around it. A literal text is written in single quotes: `'falco'`.
"""

from typing import Annotated

from pydantic import Field

from alert_responder.contracts.base import Incoming

Expression = Annotated[str, Field(min_length=1, max_length=1000)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""As of an alert's attribute; Terraform takes the same (`variables.tf`)."""


class AttributeMapping(Incoming):
    """Where attributes of one type are.

    Attributes
    ----------
    type, context
        As of an alert's attribute; no expressions.
    key
        What the value is, for people; no expression. Empty: the expression itself stands in.
    value
        Gives the value, or a list of values, each of which becomes an attribute; what is null or empty is left out.
    """

    type: Word
    value: Expression
    key: str = Field(default="", max_length=256)
    context: tuple[Word, ...] = ()


class FormatMapping(Incoming):
    """One format. Expressions that are null give nothing.

    Attributes
    ----------
    name
        What errors call it.
    match
        Tells whether an event is of this format: true for anything but false, null, and what is empty.
    events
        Gives the list of events where a record holds several: all that follows is then evaluated on one of them. Null:
        the record is one event.
    detector, rule_id
        Have to give a text that is not empty.
    timestamp
        In any form that `domain.instants.parse_instant` reads.
    """

    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    match: Expression
    events: Expression | None = None
    detector: Expression
    rule_id: Expression
    rule_name: Expression | None = None
    alert_key: Expression | None = None
    description: Expression | None = None
    timestamp: Expression | None = None
    severity: Expression | None = None
    attributes: Annotated[tuple[AttributeMapping, ...], Field(max_length=100)] = ()

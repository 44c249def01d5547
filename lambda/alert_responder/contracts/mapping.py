"""Mappings: formats made of expressions that convert any JSON to an alert without code.

Expressions are JMESPath (https://jmespath.org) with more functions (`formats.jmespath_functions`). They are
evaluated on one event, without its envelopes. String literals have single quotes: `'falco'`.
"""

from typing import Annotated

from pydantic import Field

from alert_responder.contracts.base import Incoming

Expression = Annotated[str, Field(min_length=1, max_length=1000)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""The same as for an alert's attribute; Terraform validates it too (`variables.tf`)."""


class AttributeMapping(Incoming):
    """Maps values of an event to attributes of one type.

    Attributes
    ----------
    type, context
        Type and contexts of the attributes; not expressions.
    key
        The role of the value, for people; not an expression. Default: the text of `value`.
    value
        Expression that returns a value or a list of values. Null and empty values are left out.
    """

    type: Word
    value: Expression
    key: str = Field(default="", max_length=256)
    context: tuple[Word, ...] = ()


class FormatMapping(Incoming):
    """One format. Expressions that are null are not evaluated.

    Attributes
    ----------
    name
        Name of the format in errors.
    match
        Expression that recognises events of this format: any result but false, null, and empty values.
    events
        Expression that selects the list of events when one record holds several; all expressions below are then
        evaluated on one event. Null: the record is one event.
    detector, rule_id
        Expressions that must return a string that is not empty.
    timestamp
        Expression that returns a time in any form that `domain.instants.parse_instant` accepts.
    status
        Expression that returns the detector's word for the state of the finding, such as `closed`
        (`primitives.status_of`).
    finding_id
        Expression that returns the detector's id of the finding, equal in each update of it.
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
    status: Expression | None = None
    finding_id: Expression | None = None
    attributes: Annotated[tuple[AttributeMapping, ...], Field(max_length=100)] = ()

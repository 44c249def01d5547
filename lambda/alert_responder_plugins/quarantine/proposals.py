"""Select the targets of a report to contain. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, zip_longest
from types import MappingProxyType

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import Report, ReportedAttribute
from alert_responder.domain.attributes import canonical
from alert_responder_plugins.quarantine.model import KINDS, Kind, Proposal
from alert_responder_plugins.quarantine.names import named_bucket, named_function, named_principal
from alert_responder_plugins.quarantine.settings import QuarantineSettings

MAX_EXAMINED = 5_000
"""Maximum number of examined targets of one report. A call has time for far fewer, and the schedule examines the
others: invented targets delay real ones by minutes, and do not displace them."""


def plan(
    report: Report, settings: QuarantineSettings, exemptions: Mapping[str, str] = MappingProxyType({})
) -> tuple[Proposal, ...]:
    """List the targets to contain, each once.

    Only valid attributes with a depth of at most `max_depth` and a context configured for their kind are used. A target
    is an ARN of this account, an access key, an instance or an address; a user name alone is not a target, because it
    may belong to any product. Targets contain only characters that AWS allows in names.

    Kinds take turns, so that no kind displaces another. Within a kind the order depends on the report's id, which is
    unknown to authors of alerts: invented targets cannot be placed before real ones.

    Parameters
    ----------
    exemptions
        Returned by `exemptions.exempt`.

    Returns
    -------
    tuple of Proposal
        In the order of examination. Empty for a test, a resolved report, and one of other severities or labels.
    """
    if report.test or report.status == "resolved" or not settings.acts_on(report.result):
        return ()
    proposals: dict[tuple[Kind, str], Proposal] = {}
    for attribute in report.attributes:
        refusal = exemptions.get(attribute.id)
        for kind, target in _targets(attribute, settings):
            if kind not in settings.kinds or not settings.contexts_of(kind) & set(attribute.context):
                continue
            reason = f"A report of severity {report.result.severity} names it as {_words(attribute)}."
            proposal = Proposal(kind, target, report.id, reason, refusal)
            earlier = proposals.setdefault((kind, target), proposal)
            if earlier.refusal and not refusal:
                proposals[kind, target] = proposal
    return tuple(_in_turns(proposals.values(), report.id))


def _in_turns(proposals: Iterable[Proposal], report_id: str) -> Iterator[Proposal]:
    def position(proposal: Proposal) -> bytes:
        return hashlib.sha256(f"{report_id}/{proposal.target}".encode()).digest()

    ordered = sorted(proposals, key=position)
    by_kind = ([each for each in ordered if each.kind == kind] for kind in KINDS)
    return (each for each in chain.from_iterable(zip_longest(*by_kind)) if each is not None)


def _targets(attribute: ReportedAttribute, settings: QuarantineSettings) -> Iterator[tuple[Kind, str]]:
    # The host of a URL is not an address that took part: anybody can write any URL.
    is_derived = attribute.origin.inspector is None and attribute.origin.attribute_type is not None
    if not attribute.valid or is_derived or attribute.depth > settings.max_depth:
        return
    value = canonical(Attribute(type=attribute.type, value=attribute.value))
    if value is None:
        return
    if attribute.type == "instance":
        yield "instance", value
    elif attribute.type == "accesskey":
        yield "access_key", value
    elif attribute.type == "ipaddr":
        yield "address", value
    elif attribute.type == "arn" and (principal := named_principal(value, settings.partition, settings.account_id)):
        yield "principal", principal
    elif attribute.type == "arn" and (bucket := named_bucket(value, settings.partition)):
        yield "bucket", bucket
    elif attribute.type == "arn" and (function := named_function(value, settings.partition)):
        account, region, name = function
        if (account, region) == (settings.account_id, settings.region):
            yield "function", name


def _words(attribute: ReportedAttribute) -> str:
    # The contract restricts types and contexts to words; only a few are shown.
    return f"{attribute.type} in context {', '.join(attribute.context[:8])}"

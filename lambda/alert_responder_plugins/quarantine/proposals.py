"""Select the targets of a report to contain. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, zip_longest
from types import MappingProxyType

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import Report, ReportedAttribute
from alert_responder.domain.attributes import canonical, identity
from alert_responder_plugins.quarantine.accounts import Named, Whereabouts
from alert_responder_plugins.quarantine.model import KINDS, Location, Proposal
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
    is the ARN of a principal, bucket or function, an access key, an instance or an address: of this account, or of a
    member account if `members` is set. A user name alone is not a target, because it may belong to any product. Targets
    contain only characters that AWS allows in names.

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
    # Addresses are blocked by the IP sets of the installation, wherever they were seen.
    whereabouts = Whereabouts(report, settings) if settings.members else None
    proposals: dict[Location, Proposal] = {}
    for attribute in report.attributes:
        named = _named(attribute, settings)
        if named is None or named.kind not in settings.kinds:
            continue
        if not settings.contexts_of(named.kind) & set(attribute.context):
            continue
        location, doubt = Location(named.kind, named.target), None
        if whereabouts and named.kind != "address":
            location, doubt = whereabouts.locate(named, attribute)
        elif not _is_here(named, settings):
            continue
        refusal = exemptions.get(attribute.id) or doubt
        reason = f"A report of severity {report.result.severity} names it as {_words(attribute)}."
        proposal = Proposal(location, report.id, reason, refusal)
        earlier = proposals.setdefault(location, proposal)
        if earlier.refusal and not refusal:
            proposals[location] = proposal
    return tuple(_in_turns(proposals.values(), report.id))


def _in_turns(proposals: Iterable[Proposal], report_id: str) -> Iterator[Proposal]:
    def position(proposal: Proposal) -> bytes:
        return hashlib.sha256(f"{report_id}/{proposal.location.target}".encode()).digest()

    ordered = sorted(proposals, key=position)
    by_kind = ([each for each in ordered if each.location.kind == kind] for kind in KINDS)
    return (each for each in chain.from_iterable(zip_longest(*by_kind)) if each is not None)


def _named(attribute: ReportedAttribute, settings: QuarantineSettings) -> Named | None:
    # The host of a URL is not an address that took part: anybody can write any URL.
    is_derived = attribute.origin.inspector is None and attribute.origin.attribute_type is not None
    if not attribute.valid or is_derived or attribute.depth > settings.max_depth:
        return None
    whole = Attribute(type=attribute.type, value=attribute.value)
    value = canonical(whole)
    # The beginning of a value, as in a report that exceeds 5 MB, may be another target.
    if value is None or attribute.id != identity(whole):
        return None
    if attribute.type == "instance":
        return Named("instance", value)
    if attribute.type == "accesskey":
        return Named("access_key", value)
    if attribute.type == "ipaddr":
        return Named("address", value)
    if attribute.type == "arn" and (principal := named_principal(value, settings.partition)):
        return Named("principal", principal[1], principal[0])
    if attribute.type == "arn" and (bucket := named_bucket(value, settings.partition)):
        return Named("bucket", bucket)
    if attribute.type == "arn" and (function := named_function(value, settings.partition)):
        account, region, name = function
        return Named("function", name, account, region)
    return None


def _is_here(named: Named, settings: QuarantineSettings) -> bool:
    here = (settings.account_id, settings.region)
    return all(said in (None, where) for said, where in zip((named.account, named.region), here, strict=True))


def _words(attribute: ReportedAttribute) -> str:
    # The contract restricts types and contexts to words; only a few are shown.
    return f"{attribute.type} in context {', '.join(attribute.context[:8])}"

"""Checks of account and region, before the first apply as well as after it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alert_responder_cli.aws.access import Access
from alert_responder_cli.doctor.examination import Check, Verdict, ok

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

WANTED_CONCURRENCY = 100
"""Calls at once: ten lookups of each of a few reports, with the plug-ins they call. New accounts have 10."""

MOST_LOG_POLICIES = 10
"""CloudWatch Logs resource policies of an account and region, which cannot be raised."""

WANTED_TRANSITIONS = 100
"""State transitions a second: ten reports a second, with 8 to 11 transitions each. New accounts may have fewer."""

_REGIONS = (
    "af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 "
    "ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ca-central-1 eu-central-1 "
    "eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 "
    "me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2"
)

POWERTOOLS_LAYERS = {
    **dict.fromkeys(_REGIONS.split(), ("017000801446", 37)),
    "cn-north-1": ("498634801083", 37),
    "us-gov-east-1": ("165087284144", 27),
    "us-gov-west-1": ("165093116878", 27),
}
"""Account and version of the public layer by region, as in functions.tf (a test compares them)."""


def _lambda_concurrency(access: Access) -> Iterator[Verdict]:
    limits = access.client("lambda").get_account_settings()["AccountLimit"]
    total, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    if total < WANTED_CONCURRENCY:
        yield Verdict(
            "problem",
            f"The limit of concurrent Lambda calls in this region is {total}; a storm needs {WANTED_CONCURRENCY}.",
            "Raise the quota 'Concurrent executions' of AWS Lambda; until then set inspection_concurrency = 1 and no "
            "coordinator_reserved_concurrency.",
        )
    elif free < WANTED_CONCURRENCY:
        yield Verdict(
            "warning",
            f"{total - free} of {total} concurrent Lambda calls are reserved by functions; {free} are left for others.",
            "Lower the reservations of other functions, or raise the quota 'Concurrent executions'.",
        )
    else:
        yield ok(f"The limit of concurrent Lambda calls is {free}.")


def _log_policies(access: Access) -> Iterator[Verdict]:
    policies = access.client("logs").describe_resource_policies()["resourcePolicies"]
    count = len(policies)
    if count >= MOST_LOG_POLICIES and not any("delivery.logs" in policy["policyDocument"] for policy in policies):
        yield Verdict(
            "problem",
            f"The account has {count} CloudWatch Logs resource policies, the maximum; none lets Step Functions log.",
            "Delete one that is no longer needed, or let delivery.logs.amazonaws.com write in one of them.",
        )
    elif count >= MOST_LOG_POLICIES:
        yield Verdict(
            "warning",
            f"The account has {count} CloudWatch Logs resource policies, the maximum.",
            "Delete one that is no longer needed.",
        )
    else:
        yield ok(f"The account has {count} of {MOST_LOG_POLICIES} CloudWatch Logs resource policies.")


def _transitions(access: Access) -> Iterator[Verdict]:
    pages = access.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="states")
    rates = [
        quota["Value"]
        for page in pages
        for quota in page["Quotas"]
        if "StateTransition" in quota["QuotaName"] and "refill" in quota["QuotaName"].lower()
    ]
    if not rates:
        yield Verdict(
            "unknown",
            "Service Quotas lists no rate of state transitions for Step Functions.",
            "Look up the quota on state transitions in the Service Quotas console.",
        )
    elif min(rates) < WANTED_TRANSITIONS:
        yield Verdict(
            "warning",
            f"Step Functions allows {min(rates):,.0f} state transitions a second; a storm needs {WANTED_TRANSITIONS}.",
            "Raise the quota on the refill rate of state transitions: until then a storm's reports take longer.",
        )
    else:
        yield ok(f"Step Functions allows {min(rates):,.0f} state transitions a second.")


def _layer(access: Access) -> Iterator[Verdict]:
    client = access.client("lambda")
    region = client.meta.region_name
    partition = client.meta.partition
    known = POWERTOOLS_LAYERS.get(region)
    if known is None:
        yield Verdict(
            "problem",
            f"AWS publishes no Powertools layer in {region}.",
            "Set lambda_layer_arns to your own layer with aws-lambda-powertools and pydantic 2.",
        )
        return
    account, version = known
    for architecture in ("arm64", "x86_64"):
        name = f"AWSLambdaPowertoolsPythonV3-python312-{architecture}"
        yield from layer_verdicts(client, f"arn:{partition}:lambda:{region}:{account}:layer:{name}:{version}")


def layer_verdicts(client: "LambdaClient", arn: str) -> Iterator[Verdict]:
    """Check whether this account can read a layer."""
    try:
        client.get_layer_version_by_arn(Arn=arn)
    except client.exceptions.ResourceNotFoundException:
        yield Verdict(
            "problem",
            f"The layer {arn} does not exist.",
            "Set lambda_layer_arns to your own layer with aws-lambda-powertools and pydantic 2.",
        )
    else:
        yield ok(f"The layer {arn} can be read.")


CHECKS = (
    Check("lambda-concurrency", ("lambda:GetAccountSettings",), _lambda_concurrency),
    Check("state-transitions", ("servicequotas:ListServiceQuotas",), _transitions),
    Check("log-policies", ("logs:DescribeResourcePolicies",), _log_policies),
    Check("layer", ("lambda:GetLayerVersion",), _layer),
)

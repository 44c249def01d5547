"""Names below AWS' own domains that only AWS can use: endpoints of services, and service principals.

Customers choose or receive other names there, such as buckets, load balancers, instances and APIs. An attacker may be
such a customer. Each of their names has a label before that of the service, so that a name is AWS' own only if it is
one label, one label and a region, or listed here.
"""

import re

_SUFFIXES = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".api.amazonwebservices.eu",
    ".aws.amazon.com",
)
"""Suffixes of endpoints in all partitions that are public (botocore's `endpoints.json`), and of the console."""

_REGION = r"[a-z]{2,4}(?:-[a-z]{2,12}){1,2}-[0-9]{1,2}"
_SHORT = re.compile(rf"[a-z0-9-]{{1,63}}(?:\.{_REGION})?|{_REGION}\.(?:console|queue|signin)")
_REGION_AT_END = re.compile(rf"\.{_REGION}$")

_FIPS = re.compile(r"-fips(?=\.|$)")

_LONGER = frozenset(
    """
api.detective api.ecr api.ecr-public api.iot-tunneling api.iotdeviceadvisor api.iottwinmaker api.iotwireless
api.pricing api.sagemaker api.tunneling.iot codecatalyst.global data-ats.iot data.ats.iot data.iot data.iottwinmaker
data.jobs.iot fips.batch fips.eks fips.transcribe global.health iam.global iam.us-gov ingest.timestream
metrics.sagemaker models.lex participant.connect portal.sso route53.us-gov runtime.lex runtime.sagemaker
s3-control.dualstack s3.dualstack streams.dynamodb verification.signer

agentless.inspector2 apidestinations.events application-insights.ssm build.apprunner continuousexport.discovery
custom-resource.application-autoscaling custom.rds delivery.logs dynamodb.application-autoscaling
ec2.application-autoscaling ecs.application-autoscaling elasticmapreduce.application-autoscaling email.cognito-idp
lambda.application-autoscaling logger.cloudfront maintenance.ssm malware-protection.guardduty
malware-protection-plan.guardduty member.org.stacksets.cloudformation monitoring.rds networking.apprunner
ops.apigateway pods.eks rds.application-autoscaling replication.dynamodb replication.ecr replicator.lambda
reporting.trustedadvisor resources.cloudformation hooks.cloudformation sagemaker.application-autoscaling
serverless.emr stacksets.cloudformation tasks.apprunner
""".split()  # noqa: SIM905 (68 words)
)
"""Longer names without region and `-fips`: endpoints, and service principals. A missing name costs a lookup."""


def is_aws_own(host: str) -> bool:
    """Check whether a canonical name is an endpoint or principal of an AWS service, or the parent of such names.

    Examples
    --------
    >>> [is_aws_own(each) for each in ("lambda.amazonaws.com", "sts.eu-west-1.amazonaws.com", "a.s3.amazonaws.com")]
    [True, True, False]
    """
    for suffix in _SUFFIXES:
        if host.endswith(suffix):
            name = host.removesuffix(suffix)
            return bool(_SHORT.fullmatch(name)) or _FIPS.sub("", _REGION_AT_END.sub("", name)) in _LONGER
    return f".{host}" in _SUFFIXES

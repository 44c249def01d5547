"""Names of IAM users and roles, S3 buckets and Lambda functions in ARNs."""

import re

_NAME = r"[\w+=,.@-]{1,64}"
_IAM_ARN = re.compile(rf"arn:([a-z-]+):iam::([0-9]{{12}}):(user|role)/((?:[!-~]{{1,510}}/)?)({_NAME})", re.ASCII)
_SESSION_ARN = re.compile(rf"arn:([a-z-]+):sts::([0-9]{{12}}):assumed-role/({_NAME})/[\w+=,.@-]{{1,64}}", re.ASCII)
_BUCKET_ARN = re.compile(r"arn:([a-z-]+):s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])", re.ASCII)
_FUNCTION_ARN = re.compile(
    r"arn:([a-z-]+):lambda:([a-z0-9-]{1,32}):([0-9]{12}):function:([\w-]{1,64})(?::(?:\$LATEST|[\w-]{1,128}))?",
    re.ASCII,
)


def named_bucket(arn: str, partition: str) -> str | None:
    """Return the name of the bucket of an ARN, which contains no account; None for any other ARN."""
    match = _BUCKET_ARN.fullmatch(arn)
    return match[2] if match and match[1] == partition else None


def named_function(arn: str, partition: str) -> tuple[str, str, str] | None:
    """Return account, region and name of the function of an ARN, with or without a version; None for any other ARN."""
    match = _FUNCTION_ARN.fullmatch(arn)
    return (match[3], match[2], match[4]) if match and match[1] == partition else None


def named_principal(arn: str, partition: str) -> tuple[str, str] | None:
    """Return account, and user or role with its path (`role/<path>/<name>`), of an ARN; None for any other ARN.

    ARNs of role sessions do not contain the path.
    """
    if match := _IAM_ARN.fullmatch(arn):
        resource = f"{match[3]}/{match[4]}{match[5]}"
    elif match := _SESSION_ARN.fullmatch(arn):
        resource = f"role/{match[3]}"
    else:
        return None
    return (match[2], resource) if match[1] == partition else None


def principal_of(arn: str, partition: str, account_id: str) -> str | None:
    """Return `user/<name>` or `role/<name>` for an ARN of a user, role or role session in this account, or None.

    Examples
    --------
    >>> principal_of("arn:aws:sts::111122223333:assumed-role/deploy/session", "aws", "111122223333")
    'role/deploy'
    """
    named = named_principal(arn, partition)
    return without_path(named[1]) if named and named[0] == account_id else None


def without_path(named: str) -> str:
    """Return `<kind>/<name>` of `<kind>/<path>/<name>`."""
    kind, _, name = named.partition("/")
    return f"{kind}/{name.rpartition('/')[2]}"

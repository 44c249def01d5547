"""Names of sessions of AWS roles: which parts of them are generated for each session, and by which tools.

The key of an incident leaves such parts out, because one role that does one thing is one incident. What a person, a
function or an instance is called stays.
"""

import re

_GENERATED = re.compile(
    # UUIDs, times in seconds to nanoseconds, dates with a time, ids of Terraform's runs and of tasks.
    r"(?<![A-Za-z0-9])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]{9,}|[0-9]{8}[T_-]?[0-9]{4,6}Z?"
    r"|run-[A-Za-z0-9]{16}|(?=[a-f]*[0-9])[0-9a-f]{16,})(?![A-Za-z0-9])"
)
_SESSION = re.compile(r"(arn:aws[a-z-]*:sts::[0-9]{12}:assumed-role/[^/\s]+|AROA[A-Z0-9]{8,32})([/:])([^/\s]+)")
_INSTANCE = re.compile(r"m?i-[0-9a-f]{8,17}")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9]+(?![A-Za-z0-9])")
_SEPARATORS = re.compile(r"([-_.])[-_.]+")

_OF_TOOLS = re.compile(
    r"[-_.]*(?:(?:actions|assumed?|assumed?role|aws|awscli|boto3?|botocore|cli|cpp|credentials|default|dotnet|github"
    r"|githubactions|go|identity|java|js|kotlin|net|node|php|provider|python|role|ruby|run|rust|sdk|session|sts|swift"
    r"|temp|terraform|tmp|token|web|with)(?![A-Za-z0-9])[-_.]*)*+",
    re.IGNORECASE,
)
"""Words of names that SDKs and tools make: `botocore-session-1772446001`, `aws-go-sdk-1772446001000`,
`aws-sdk-java-1772446001000`, `aws-sdk-js-session-...`, `aws-sdk-php-...`, `aws-dotnet-sdk-session-...`,
`terraform-run-run-...`, `AssumeRole-...`."""


def stable_name(session: str) -> str:
    """Return the part of a session's name that names someone or something; empty if all of it is generated.

    Examples
    --------
    >>> stable_name("jane@example.com"), stable_name("botocore-session-1772446001"), stable_name("eu-jane-1772446001")
    ('jane@example.com', '', 'eu-jane')
    """
    # The session of an instance's role is named after the instance, which is the one that acted.
    if "@" in session or _INSTANCE.fullmatch(session):
        return session
    named = _SEPARATORS.sub(r"\1", _GENERATED.sub("", session)).strip("-_.")
    words = _NUMBER.sub("", named)
    if words != session and (not named or (words and _OF_TOOLS.fullmatch(words))):
        return ""
    return named or session


def without_generated(key: str) -> str:
    """Leave generated names of sessions out of a key, where it has the ARN or the id of a role's session.

    Examples
    --------
    >>> without_generated("arn:aws:sts::111122223333:assumed-role/ci/botocore-session-1772446001")
    'arn:aws:sts::111122223333:assumed-role/ci'
    """

    def named(match: re.Match[str]) -> str:
        name = stable_name(match[3])
        return f"{match[1]}{match[2]}{name}" if name else match[1]

    return _SESSION.sub(named, key)

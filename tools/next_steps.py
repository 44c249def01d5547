"""What a person can do with the local run: lines to paste, for the command line, ``make`` and the AWS CLI."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from tools.custom_plugins import CustomPlugin, described
from tools.installation import Installation
from tools.paths import ROOT

COMMAND = ROOT / "bin" / "alert-responder"
SAMPLE = ROOT / "examples" / "local" / "alert.json"

_TEXT = """
AlertResponder '{name}' runs at {endpoint}.
{attached}
Send an alert, and look into its report:

  {command} send {sample} --local
  {command} watch --local
  {command} reports --local
  {command} report latest --local
  {command} open latest --local

These commands work in every folder: write {whole_command} there.

Attach a plug-in in Python or Node.js, and see its finding in the report of the next alert:

  make up INSPECTOR={inspector}

REVIEWER and EMITTER work likewise; examples/local/README.md says more.

Update the code of everything, or end the run and lose its reports:

  make up
  make down

The AWS CLI (version 1 or 2) and the AWS SDKs reach it with:

  unset AWS_PROFILE AWS_SESSION_TOKEN
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ENDPOINT_URL={endpoint} AWS_CA_BUNDLE={authority}
  aws kinesis put-record --stream-name {stream} --partition-key 1 --data fileb://{sample}
  aws s3 ls --recursive s3://{archive}
"""


def next_steps(installation: Installation, plugins: Sequence[CustomPlugin], here: Path) -> str:
    """Write the next steps.

    Parameters
    ----------
    installation : Installation
        What runs.
    plugins : Sequence
        The custom plug-ins that are attached to it.
    here : Path
        The folder that the lines are pasted in: paths in them start there.
    """
    account = installation.account
    attached = "".join(f"Custom {line}.\n" for line in described(plugins))
    return _TEXT.format(
        name=installation.name,
        endpoint=account.endpoint,
        authority=shlex.quote(account.authority),
        stream=installation.stream,
        archive=installation.archive_bucket,
        attached=attached,
        command=_path(COMMAND, here),
        whole_command=shlex.quote(str(COMMAND)),
        sample=_path(SAMPLE, here),
        inspector=_path(ROOT / "examples" / "plugins" / "python" / "function" / "networks.py", ROOT),
    )


def _path(path: Path, here: Path) -> str:
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))

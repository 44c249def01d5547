"""Instructions for the local run: commands to paste for the command line, ``make`` and the AWS CLI."""

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
Send an alert and look at its report:

  {command} send {sample} --local
  {command} watch --local
  {command} reports --local
  {command} report latest --local
  {command} open latest --local

In other folders, write {whole_command} instead.

Attach a plug-in in Python or Node.js, and see its finding in the next report:

  make up INSPECTOR={inspector}

REVIEWER and EMITTER attach the other kinds; see examples/local/README.md.

Update the run after changing the code, or stop it and delete its reports:

  make up
  make down

To use the AWS CLI (version 1 or 2) or an AWS SDK:

  unset AWS_PROFILE AWS_SESSION_TOKEN
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ENDPOINT_URL={endpoint} AWS_CA_BUNDLE={authority}
  aws kinesis put-record --stream-name {stream} --partition-key 1 --data fileb://{sample}
  aws s3 ls --recursive s3://{archive}
"""


def next_steps(installation: Installation, plugins: Sequence[CustomPlugin], here: Path) -> str:
    """Write the instructions.

    Parameters
    ----------
    installation : Installation
        The running installation.
    plugins : Sequence
        Its custom plug-ins.
    here : Path
        The folder in which the commands are pasted: paths are relative to it.
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

"""A configuration with the unchanged blocks of README and of the modules' READMEs, to apply to an emulated AWS.

Everything that only the emulated AWS needs is in an override file, which Terraform merges: local sources, imitations of
services, and real ids in place of invented ones.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hcl2

from alert_responder_cli.plugins import zip_package
from tests import documents
from tools import package
from tools.account import ACCESS_KEY, REGION, SECRET_KEY, Account
from tools.emulator import ACCOUNT_ID
from tools.paths import ROOT
from tools.terraform import Terraform, copy_module, environment

Override = dict[str, dict[str, Any]]

CODE = ROOT / "examples" / "complete" / "plugins.zip"
POLICY = ROOT / "examples" / "policy" / "policy.yaml"
"""The files that README refers to."""

LEFT_OUT = {
    ("athena", 3): "asks another account",
    ("aws-context", 2): "asks member accounts",
    ("aws-context", 3): "asks a second account",
    ("logs-insights", 2): "asks member accounts",
    ("logs-insights", 3): "asks other accounts",
    ("organization", 1): "the emulated AWS has no delegated administrators; the second block replaces it",
    ("plugin-function", 1): "README has it",
    ("policy", 1): "README has it",
}
"""Blocks of modules that are not applied, by module and number, and why."""

STAND_INS = {
    "pager": 'def handler(emission, context):\n    return {"url": "https://pager.example.com/1"}\n',
    "policy": 'def handler(report, context):\n    return {"severity": "urgent", "reason": "Known as malicious."}\n',
    "whois": 'def handler(task, context):\n    return {"contents": [{"type": "host", "owner": ["Example Hosting"]}]}\n',
}
"""Functions of the user in the blocks of `modules/inspector`, `reviewer` and `emitter`."""

# The emulator has no public layers; its interpreter has their packages.
EMULATED = {"lambda_layer_arns": [], "inspection_delay_seconds": 0, "update_interval_seconds": 1}

_ROOT_MODULE = re.compile(r'^module "alert_responder" \{\n.*?^\}\n', re.DOTALL | re.MULTILINE)
_ACCOUNT_IN_BLOCKS = "111122223333"
"""The account in ARNs of blocks; resources of the account itself must be in the emulated one."""

_OUTPUTS = ("alert_stream_name", "archive_bucket_name", "name", "report_table_name", "workflow_arn")
_SERVICES = (
    *("apigatewayv2", "athena", "cloudwatch", "dynamodb", "ec2", "events", "glue", "iam", "kinesis", "lambda"),
    *("logs", "pipes", "s3", "secretsmanager", "sns", "sqs", "stepfunctions", "sts", "wafv2"),
)
_ASSUMED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


def readme() -> dict[str, str]:
    """Read the blocks in README by file name."""
    found = documents.blocks(ROOT / "README.md")
    return {f"readme-{number}.tf": block for number, block in enumerate(found, start=1)}


def modules() -> dict[str, str]:
    """Read the blocks in the modules' READMEs by file name, with the installation that each repeats only once."""
    installation = f'module "alert_responder" {{\n  source = "{documents.public_source("")}"\n}}\n'
    found = {"installation.tf": installation}
    for path in sorted(ROOT.glob("modules/*/README.md")):
        for number, block in enumerate(documents.blocks(path), start=1):
            if (path.parent.name, number) not in LEFT_OUT:
                code = _ROOT_MODULE.sub("", block)
                # A member account refuses roles of its own.
                emulated = code if path.parent.name == "member" else code.replace(_ACCOUNT_IN_BLOCKS, ACCOUNT_ID)
                found[f"{path.parent.name}-{number}.tf"] = emulated
    return found


class Documented:
    """Blocks as the configuration of one installation, in a working copy.

    Parameters
    ----------
    account
        The emulated account.
    folder
        Receives the copy and the state; created here.
    blocks
        The blocks by file name.
    override
        Changes for the emulated account, in Terraform's JSON syntax: by type of block, then by name.
    """

    def __init__(self, account: Account, folder: Path, blocks: Mapping[str, str], override: Override) -> None:
        folder.mkdir()
        copy = copy_module(folder / "module")
        package.build_all(copy / "dist")
        self.folder = copy / "documents"
        self.folder.mkdir()
        for file, block in blocks.items():
            (self.folder / file).write_text(block, encoding="utf-8")
        self._write("emulator_override", _merged("".join(blocks.values()), override))
        outputs = {output: {"value": f"${{module.alert_responder.{output}}}"} for output in _OUTPUTS}
        self._write("emulator", {"provider": {"aws": _provider(account)}, "output": outputs})
        self._terraform = Terraform(self.folder, folder, environment(folder, trusted=account.authority))

    def add_stand_ins(self) -> None:
        """Create the user's functions that the blocks of modules refer to."""
        for name, code in STAND_INS.items():
            source = self.folder / "code" / name
            source.mkdir(parents=True)
            (source / f"{name}.py").write_text(code, encoding="utf-8")
            zip_package.zip_folder(source, self.folder / f"{name}.zip")
        functions = {
            name: {
                "function_name": f"stand-in-{name}",
                "role": "${aws_iam_role.stand_in.arn}",
                "runtime": "python3.12",
                "handler": f"{name}.handler",
                "filename": f"${{path.module}}/{name}.zip",
                "timeout": 30,
            }
            for name in STAND_INS
        }
        role = {"name": "stand-in", "assume_role_policy": json.dumps(_ASSUMED)}
        self._write("stand_ins", {"resource": {"aws_lambda_function": functions, "aws_iam_role": {"stand_in": role}}})

    def apply(self) -> dict[str, str]:
        """Apply the configuration, and return the outputs of its installation."""
        self._terraform.init()
        self._terraform.apply()
        return self._terraform.output()

    def destroy(self, module: str) -> None:
        """Destroy one module of the configuration."""
        self._terraform.destroy(f"module.{module}")

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        (self.folder / f"{name}.tf.json").write_text(json.dumps(document), encoding="utf-8")


def _merged(code: str, override: Override) -> dict[str, Any]:
    """Add local sources, and settings of the installation for the emulated AWS, to an override."""
    modules: dict[str, dict[str, Any]] = {}
    for module in hcl2.loads(code)["module"]:
        for label, body in module.items():
            folder = documents.module_of(body["source"].strip('"'))
            modules[label.strip('"')] = {"source": f"../{folder}"}
    modules["alert_responder"] |= EMULATED
    for label, settings in override.get("module", {}).items():
        modules[label] |= settings
    return {**override, "module": modules}


def _provider(account: Account) -> dict[str, Any]:
    return {
        "region": REGION,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "max_retries": 5,
        "s3_use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "endpoints": [dict.fromkeys(_SERVICES, account.endpoint)],
    }

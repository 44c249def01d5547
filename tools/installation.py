"""The local example, applied to an emulated AWS."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tools import package
from tools.account import Account
from tools.plugins import build_plugins
from tools.terraform import Terraform, copy_module, environment


@dataclass(frozen=True)
class Installation:
    """Names and addresses of an applied example.

    Attributes
    ----------
    account : Account
        The emulated account.
    name : str
        Name of the installation; its functions are ``<name>-receptor`` and so on.
    stream, table, archive_bucket, emitter_bucket : str
        Names of the alert stream, the report table, the archive bucket, and the bucket of the example's emitters.
    workflow_arn : str
        ARN of the state machine.
    """

    account: Account
    name: str
    stream: str
    table: str
    archive_bucket: str
    emitter_bucket: str
    workflow_arn: str

    def client(self, service: str, **settings: Any) -> Any:
        """Make a boto3 client of the emulated account's root user."""
        return self.account.client(service, **settings)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the JSON that :meth:`save` wrote."""
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(**(found | {"account": Account(**found["account"])}))


class LocalExample:
    """A working copy of ``examples/local``, to apply to an emulator.

    Parameters
    ----------
    account : Account
        The emulated account.
    folder : Path
        Receives the copy, the state and the built packages; nothing is written anywhere else. If it contains the
        state of an earlier run, that installation is updated.
    variables : Mapping
        Variables of the example in addition to ``endpoint`` and ``packages_folder``.

    Attributes
    ----------
    terraform : Terraform
        For further commands in tests.
    """

    def __init__(self, account: Account, folder: Path, variables: Mapping[str, Any] | None = None):
        copy = folder / "module"
        shutil.rmtree(copy, ignore_errors=True)
        copy_module(copy)
        # From the current sources, which may be newer than the tracked package.
        package.build_all(copy / "dist")
        packages = build_plugins(folder / "plugins")
        self.terraform = Terraform(
            copy / "examples" / "local",
            folder,
            environment(folder, trusted=account.authority),
            {"endpoint": account.endpoint, "packages_folder": str(packages), **(variables or {})},
        )
        self._account = account

    def apply(self) -> Installation:
        """Create or update the installation."""
        self.terraform.init()
        self.terraform.apply()
        return self.installation()

    def installation(self) -> Installation:
        """Read names and addresses from Terraform's outputs."""
        output = self.terraform.output()
        return Installation(
            account=self._account,
            name=output["name"],
            stream=output["alert_stream_name"],
            table=output["report_table_name"],
            archive_bucket=output["archive_bucket_name"],
            emitter_bucket=output["emitter_bucket_name"],
            workflow_arn=output["workflow_arn"],
        )

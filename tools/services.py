"""The services that ready-made plug-ins talk to, imitated on this machine, and what the example needs for them."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools import layers
from tools.account import Account
from tools.errors import ToolError
from tools.receivers.github import Github
from tools.receivers.pagerduty import PagerDuty
from tools.receivers.server import Imitation, Serving
from tools.receivers.slack import Slack
from tools.receivers.virustotal import VirusTotalImitation


@dataclass
class Services:
    """Imitations of GitHub, PagerDuty, Slack and VirusTotal, at work while this context manager is open.

    Attributes
    ----------
    virustotal
        None: left out, since the demonstration's addresses are none that a third party is told of.
    serving
        Each of them by name, with its address and what it was asked.
    """

    github: Github = field(default_factory=Github)
    pagerduty: PagerDuty = field(default_factory=PagerDuty)
    slack: Slack = field(default_factory=Slack)
    virustotal: VirusTotalImitation | None = None
    virustotal_key: str = ""
    serving: dict[str, Serving] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        imitations: dict[str, Imitation | None] = {
            "github": self.github,
            "pagerduty": self.pagerduty,
            "slack": self.slack,
            "virustotal": self.virustotal,
        }
        for name, imitation in imitations.items():
            if imitation is not None:
                self.serving[name] = self._stack.enter_context(Serving(imitation))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def addresses(self) -> dict[str, str]:
        """Give the address of each of them by name."""
        return {name: serving.url for name, serving in self.serving.items()}

    def variables(self, account: Account) -> dict[str, Any]:
        """Store their secrets in an account and give the example's `services`, with the layers of `make setup`.

        Raises
        ------
        ToolError
            When a layer has not been built.
        """
        paths = {"github": "", "pagerduty": "", "slack": "/api", "virustotal": ""}
        secrets = {
            "github": self.github.token,
            "pagerduty": self.pagerduty.routing_key,
            "slack": self.slack.token,
            "virustotal": self.virustotal_key,
        }
        manager = account.client("secretsmanager")
        return {
            name: {
                "layer": str(_layer(name)),
                "secret_arn": manager.create_secret(Name=name, SecretString=secrets[name])["ARN"],
                "url": f"{self.serving[name].url}{paths[name]}",
            }
            for name in self.serving
        }


def _layer(name: str) -> Path:
    path = layers.TARGET / f"{name}-{layers.LOCAL}.zip"
    if not path.is_file():
        raise ToolError(f"There is no {path.name}: run 'make setup' first.")
    return path

"""Imitations of the services that ready-made plug-ins call, and the example's variables for them."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tools.account import Account
from tools.receivers.github import Github
from tools.receivers.pagerduty import PagerDuty
from tools.receivers.server import Imitation, Serving
from tools.receivers.slack import Slack
from tools.receivers.virustotal import VirusTotalImitation


@dataclass
class Services:
    """Imitations of GitHub, PagerDuty, Slack and VirusTotal, which run while this context manager is open.

    Attributes
    ----------
    virustotal
        None to leave it out: the demonstration's addresses are internal and never sent to a third party.
    serving
        The running servers by name, with their addresses and requests.
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
        """Return the addresses by name."""
        return {name: serving.url for name, serving in self.serving.items()}

    def variables(self, account: Account) -> dict[str, Any]:
        """Store the services' secrets in an account and return the example's variable `services`."""
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
                "secret_arn": manager.create_secret(Name=name, SecretString=secrets[name])["ARN"],
                "url": f"{self.serving[name].url}{paths[name]}",
            }
            for name in self.serving
        }

"""The services that notifiers tell, imitated on this machine, and what the local example needs to reach them."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools import layers
from tools.account import Account
from tools.receivers.github import Github
from tools.receivers.pagerduty import PagerDuty
from tools.receivers.serving import Serving
from tools.receivers.slack import Slack


@dataclass
class Notified:
    """Imitations of GitHub, PagerDuty and Slack, at work while this context manager is open.

    Attributes
    ----------
    serving
        Each of them by name, with its address and what it was asked.
    """

    github: Github = field(default_factory=Github)
    pagerduty: PagerDuty = field(default_factory=PagerDuty)
    slack: Slack = field(default_factory=Slack)
    serving: dict[str, Serving] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        for name, imitation in (("github", self.github), ("pagerduty", self.pagerduty), ("slack", self.slack)):
            self.serving[name] = self._stack.enter_context(Serving(imitation))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def variables(self, account: Account, folder: Path) -> dict[str, Any]:
        """Store their secrets in an account, build the layers into a folder, and give the example's `notifiers`."""
        paths = {"github": "", "pagerduty": "", "slack": "/api"}
        secrets = {
            "github": self.github.token,
            "pagerduty": self.pagerduty.routing_key,
            "slack": self.slack.token,
        }
        manager = account.client("secretsmanager")
        return {
            name: {
                "layer": str(layers.build(name, layers.LOCAL, folder).resolve()),
                "secret_arn": manager.create_secret(Name=name, SecretString=secrets[name])["ARN"],
                "url": f"{self.serving[name].url}{paths[name]}",
            }
            for name in paths
        }

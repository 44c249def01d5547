"""A repository's issues by PyGithub."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import requests
from github import Github, GithubException, GithubIntegration, RateLimitExceededException
from github.Auth import AppAuth, Auth
from github.Issue import Issue as TheirIssue
from github.PaginatedList import PaginatedList
from github.Repository import Repository

from alert_responder.contracts.primitives import Severity
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, ReceiverRefusedError
from alert_responder_plugins.github import markers
from alert_responder_plugins.github.budget import REQUEST_SECONDS, Budget
from alert_responder_plugins.github.deliver import Issue, UnknownEndError
from alert_responder_plugins.github.retries import Retry

COLOURS: dict[Severity, str] = {"safe": "0e8a16", "unclassified": "fbca04", "urgent": "b60205"}
"""Colours of the labels we make [hexadecimal]."""

_DESCRIPTION = "How bad AlertResponder says it is."
_PER_PAGE = 100
_GONE = (404, 410)
_WORD = re.compile(r"[a-z_]{1,40}")
_ADVICE = {
    401: "It does not take the token: look whether the secret's has expired or been revoked.",
    403: "The token may not do it: it needs Issues (read and write) of the repository, which must not be archived.",
    404: "There is no such repository for the token: look at repository, and give the token access to it.",
    410: "The repository has its issues switched off.",
    422: "It does not take what was sent",
}
_Answer = TypeVar("_Answer")
_Listed = TypeVar("_Listed", bound=Any)


class GithubTracker:
    """A repository, for the time of one delivery.

    Parameters
    ----------
    auth
        What PyGithub authenticates with.
    labels
        Names of labels that are known to be there; grows.
    refused
        Called when GitHub does not take the credentials.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        auth: Auth,
        budget: Budget,
        labels: set[str],
        refused: Callable[[], None],
        seconds_between_writes: float = 1.0,
    ) -> None:
        self._budget = budget
        self._labels = labels
        self._refused = refused
        client = Github(auth=auth, **options(api_url, budget, seconds_between_writes))
        self._repository: Repository = client.get_repo(repository)

    def find(self, marker: str, since: datetime | None) -> Issue | None:
        """See `emitting.Tracker`; one request for each 100 issues and pull requests made since then."""

        def search() -> Issue | None:
            found: Issue | None = None
            filters: dict[str, Any] = {} if since is None else {"since": since}
            listed = self._repository.get_issues(state="all", sort="created", direction="desc", **filters)
            for issue in self.each(listed):
                if since is not None and issue.created_at < since:
                    break
                if markers.begins_with(issue.body, marker):
                    found = GithubIssue(issue, self)
            return found

        return self.ask("list issues", search)

    def read(self, number: int) -> Issue | None:
        """See `emitting.Tracker`."""
        read = _unless(_GONE, lambda: self._repository.get_issue(number).complete())
        theirs = self.ask("read the issue", read)
        return None if theirs is None else GithubIssue(theirs, self)

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """See `emitting.Tracker`."""
        create = partial(self._repository.create_issue, title, body, labels=list(labels))
        return GithubIssue(self.ask("make the issue", create, unsure=True), self)

    def make_label(self, name: str, severity: Severity) -> None:
        """See `emitting.Tracker`; once known to be there it is not asked for again."""
        if name in self._labels:
            return
        read = _unless((404,), lambda: self._repository.get_label(name).complete())
        if self.ask("read the label", read) is None:
            # 422: somebody else has made it meanwhile. 403, 404: without the right, the issue goes out all the same.
            make = partial(self._repository.create_label, name, COLOURS[severity], _DESCRIPTION)
            self.ask("make the label", _unless((403, 404, 422), make))
        self._labels.add(name)

    def each(self, listed: "PaginatedList[_Listed]") -> Iterator[_Listed]:
        """Give what a list has, as long as there is time for its next page."""
        for number, each in enumerate(listed):
            if number and number % _PER_PAGE == 0:
                self._budget.wait(0)
            yield each

    def ask(self, what: str, call: Callable[[], _Answer], unsure: bool = False) -> _Answer:
        """Ask GitHub: in time, and with errors of ours.

        Parameters
        ----------
        what
            What it is asked to do, for messages.
        unsure
            Whether it is a write that must not be made twice.
        """
        self._budget.wait(0)
        failed = UnknownEndError if unsure else ReceiverFailedError
        try:
            return call()
        except GithubException as error:
            if error.status == 401:
                self._refused()
            raise _translated(error, what, failed) from None
        except requests.RequestException:
            raise failed(f"GitHub could not be reached, or did not answer, when asked to {what}.") from None
        except (AssertionError, RuntimeError):
            # PyGithub follows no redirection to elsewhere.
            raise ReceiverRefusedError("GitHub points to another address: look at base_url and repository.") from None
        except ValueError:
            raise failed(f"GitHub's answer was no JSON when asked to {what}.") from None


class GithubIssue:
    """An issue there is; see `emitting.Issue`."""

    def __init__(self, theirs: TheirIssue, tracker: GithubTracker) -> None:
        self._theirs = theirs
        self._tracker = tracker
        self.number: int = theirs.number
        self.url: str = theirs.html_url
        self.is_open: bool = theirs.state == "open"
        self.labels: Sequence[str] = [label.name for label in theirs.labels]

    def edit(self, title: str, body: str, labels: Sequence[str], is_open: bool) -> None:
        """See `emitting.Issue`."""
        changed: dict[str, Any] = {}
        if is_open != self.is_open:
            changed = {"state": "open" if is_open else "closed", "state_reason": "reopened" if is_open else "completed"}
        edit = partial(self._theirs.edit, title=title, body=body, labels=list(labels), **changed)
        self._tracker.ask("change the issue", edit)
        self.is_open = is_open

    def has_comment(self, marker: str, since: datetime | None) -> bool:
        """See `emitting.Issue`; one request for each 100 comments since then."""
        author = self._theirs.user.id
        filters: dict[str, Any] = {} if since is None else {"since": since}

        def search() -> bool:
            # Anybody may comment on a public repository, and copy a mark.
            return any(
                markers.begins_with(comment.body, marker) and comment.user.id == author
                for comment in self._tracker.each(self._theirs.get_comments(**filters))
            )

        return self._tracker.ask("list comments", search)

    def comment(self, body: str) -> None:
        """See `emitting.Issue`."""
        self._tracker.ask("write the comment", partial(self._theirs.create_comment, body), unsure=True)


def options(api_url: str, budget: Budget, seconds_between_writes: float = 1.0) -> dict[str, Any]:
    """Return what all of PyGithub's clients are made with.

    A delivery makes a few requests one after another: reading needs no pause, and between writes there is the second
    that GitHub asks for.
    """
    return {
        "base_url": api_url,
        "timeout": REQUEST_SECONDS,
        "retry": Retry(budget),
        "per_page": _PER_PAGE,
        "seconds_between_requests": 0,
        "seconds_between_writes": seconds_between_writes,
        "user_agent": "AlertResponder",
        "lazy": True,
    }


def find_installation(api_url: str, repository: str, app: AppAuth, budget: Budget) -> int:
    """Ask GitHub which installation of an app is that of a repository."""
    budget.wait(0)
    try:
        installation = GithubIntegration(auth=app, **options(api_url, budget)).get_repo_installation(
            *repository.split("/")
        )
    except GithubException as error:
        raise _translated(error, "find the app's installation", ReceiverFailedError) from None
    except requests.RequestException:
        raise ReceiverFailedError("GitHub could not be reached.") from None
    return installation.id


def _unless(statuses: Sequence[int], call: Callable[[], _Answer]) -> Callable[[], _Answer | None]:
    """Let a call return None where GitHub answers one of these statuses."""

    def asked() -> _Answer | None:
        try:
            return call()
        except RateLimitExceededException:
            raise
        except GithubException as error:
            if error.status not in statuses:
                raise
            return None

    return asked


def _translated(error: GithubException, what: str, failed: type[ReceiverFailedError]) -> PluginFaultError:
    status = error.status
    if status == 429 or isinstance(error, RateLimitExceededException):
        return ReceiverFailedError(f"GitHub's rate limit is used up; it did not {what}.")
    if not 300 <= status < 500:
        return failed(f"GitHub answered {status} when asked to {what}.")
    advice = _ADVICE.get(status, "Trying again cannot help.")
    if status == 422:
        advice += f": {', '.join(_faults(error.data)) or 'it does not say why'}."
    return ReceiverRefusedError(f"GitHub answered {status} when asked to {what}. {advice}")


def _faults(document: Any) -> Iterator[str]:
    """Name the fields GitHub does not like: words only, nothing of what was sent."""
    faults = document.get("errors") if isinstance(document, dict) else None
    for fault in faults[:5] if isinstance(faults, list) else []:
        if isinstance(fault, dict):
            words = [fault.get(name) for name in ("field", "code")]
            yield " ".join(word for word in words if isinstance(word, str) and _WORD.fullmatch(word))

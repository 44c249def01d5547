"""The issues of a repository through PyGithub."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import requests
from github import Github, GithubException, GithubIntegration, RateLimitExceededException
from github.Auth import AppAuth, Auth
from github.Issue import Issue as PyGithubIssue
from github.PaginatedList import PaginatedList
from github.Repository import Repository

from alert_responder.contracts.primitives import Severity
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import OutcomeUnknownError, ReceiverFailedError, ReceiverRefusedError
from alert_responder_plugins.github import markers
from alert_responder_plugins.github.deliver import Issue
from alert_responder_plugins.github.errors import REQUEST_SECONDS, error_of, wait_for_request
from alert_responder_plugins.github.retries import Retry

COLOURS: dict[Severity, str] = {"safe": "0e8a16", "unclassified": "fbca04", "urgent": "b60205"}
"""Colours of the labels [hexadecimal]."""

_DESCRIPTION = "Severity assigned by AlertResponder."
_PER_PAGE = 100
_GONE = (404, 410)
_Answer = TypeVar("_Answer")
_Listed = TypeVar("_Listed", bound=Any)


class GithubTracker:
    """See `deliver.Tracker`.

    Parameters
    ----------
    auth
        Credentials for PyGithub.
    labels
        Names of labels that are known to exist; new ones are added.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        auth: Auth,
        deadline: Deadline,
        labels: set[str],
        seconds_between_writes: float = 1.0,
    ) -> None:
        self._deadline = deadline
        self._labels = labels
        client = Github(auth=auth, **options(api_url, deadline, seconds_between_writes))
        self._repository: Repository = client.get_repo(repository)

    def find(self, marker: str, since: datetime | None) -> Issue | None:
        """See `deliver.Tracker`; one request for each 100 issues and pull requests."""

        def search() -> Issue | None:
            oldest: Issue | None = None
            filters: dict[str, Any] = {} if since is None else {"since": since}
            listed = self._repository.get_issues(state="all", sort="created", direction="desc", **filters)
            for issue in self.each(listed):
                if since is not None and issue.created_at < since:
                    break
                if markers.begins_with(issue.body, marker):
                    oldest = GithubIssue(issue, self)
            return oldest

        return self.request("list issues", search)

    def read(self, number: int) -> Issue | None:
        """See `deliver.Tracker`."""
        read = _unless(_GONE, lambda: self._repository.get_issue(number).complete())
        issue = self.request("read the issue", read)
        return None if issue is None else GithubIssue(issue, self)

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """See `deliver.Tracker`."""
        create = partial(self._repository.create_issue, title, body, labels=list(labels))
        return GithubIssue(self.request("create the issue", create, once=True), self)

    def ensure_label(self, name: str, severity: Severity) -> None:
        """See `deliver.Tracker`; a label that is known to exist is not requested again."""
        if name in self._labels:
            return
        read = _unless((404,), lambda: self._repository.get_label(name).complete())
        if self.request("read the label", read) is None:
            # 422: it was created meanwhile. 403, 404: without the permission, the issue is created without the colour.
            create = partial(self._repository.create_label, name, COLOURS[severity], _DESCRIPTION)
            self.request("create the label", _unless((403, 404, 422), create))
        self._labels.add(name)

    def each(self, listed: "PaginatedList[_Listed]") -> Iterator[_Listed]:
        """Yield the items of a list, as long as there is time for the next page."""
        for number, each in enumerate(listed):
            if number and number % _PER_PAGE == 0:
                wait_for_request(self._deadline)
            yield each

    def request(self, action: str, call: Callable[[], _Answer], once: bool = False) -> _Answer:
        """Make a request in time, and translate its errors.

        Parameters
        ----------
        action
            The action as an infinitive, for error messages.
        once
            Whether the request is a write that must not be repeated.
        """
        wait_for_request(self._deadline)
        failed = OutcomeUnknownError if once else ReceiverFailedError
        try:
            return call()
        except GithubException as error:
            raise error_of(error, action, failed) from None
        except requests.RequestException:
            raise failed(f"GitHub could not be reached, or did not answer, while trying to {action}.") from None
        except (AssertionError, RuntimeError):
            # PyGithub follows no redirects to other hosts.
            raise ReceiverRefusedError("GitHub redirects to another address; check base_url and repository.") from None
        except ValueError:
            raise failed(f"GitHub's response is not valid JSON while trying to {action}.") from None


class GithubIssue:
    """See `deliver.Issue`."""

    def __init__(self, issue: PyGithubIssue, tracker: GithubTracker) -> None:
        self._issue = issue
        self._tracker = tracker
        self.number: int = issue.number
        self.url: str = issue.html_url
        self.is_open: bool = issue.state == "open"
        self.labels: Sequence[str] = [label.name for label in issue.labels]

    def edit(self, title: str, body: str, labels: Sequence[str], is_open: bool) -> None:
        """See `deliver.Issue`."""
        changed: dict[str, Any] = {}
        if is_open != self.is_open:
            changed = {"state": "open" if is_open else "closed", "state_reason": "reopened" if is_open else "completed"}
        edit = partial(self._issue.edit, title=title, body=body, labels=list(labels), **changed)
        self._tracker.request("update the issue", edit)
        self.is_open = is_open

    def has_comment(self, marker: str, since: datetime | None) -> bool:
        """See `deliver.Issue`; one request for each 100 comments."""
        author = self._issue.user.id
        filters: dict[str, Any] = {} if since is None else {"since": since}

        def search() -> bool:
            # Anyone can comment on a public repository, and copy a marker.
            return any(
                markers.begins_with(comment.body, marker) and comment.user.id == author
                for comment in self._tracker.each(self._issue.get_comments(**filters))
            )

        return self._tracker.request("list comments", search)

    def comment(self, body: str) -> None:
        """See `deliver.Issue`."""
        self._tracker.request("write the comment", partial(self._issue.create_comment, body), once=True)


def options(api_url: str, deadline: Deadline, seconds_between_writes: float = 1.0) -> dict[str, Any]:
    """Return the options of all PyGithub clients.

    A delivery makes a few requests in sequence: reads need no pause, and writes the second that GitHub asks for.
    """
    return {
        "base_url": api_url,
        "timeout": REQUEST_SECONDS,
        "retry": Retry(deadline),
        "per_page": _PER_PAGE,
        "seconds_between_requests": 0,
        "seconds_between_writes": seconds_between_writes,
        "user_agent": "AlertResponder",
        "lazy": True,
    }


def find_installation(api_url: str, repository: str, app: AppAuth, deadline: Deadline) -> int:
    """Return the id of a GitHub App's installation in a repository."""
    wait_for_request(deadline)
    try:
        installation = GithubIntegration(auth=app, **options(api_url, deadline)).get_repo_installation(
            *repository.split("/")
        )
    except GithubException as error:
        raise error_of(error, "find the app's installation", ReceiverFailedError) from None
    except requests.RequestException:
        raise ReceiverFailedError("GitHub could not be reached.") from None
    return installation.id


def _unless(statuses: Sequence[int], call: Callable[[], _Answer]) -> Callable[[], _Answer | None]:
    """Make a call return None if GitHub returns one of these statuses."""

    def wrapped() -> _Answer | None:
        try:
            return call()
        except RateLimitExceededException:
            raise
        except GithubException as error:
            if error.status not in statuses:
                raise
            return None

    return wrapped

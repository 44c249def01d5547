"""The issues of a repository."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel

from alert_responder.contracts.primitives import Severity
from alert_responder_plugins.github import markers
from alert_responder_plugins.github.api import GithubApi
from alert_responder_plugins.github.deliver import Issue
from alert_responder_plugins.github.errors import RefusedError

COLOURS: dict[Severity, str] = {"safe": "0e8a16", "unclassified": "fbca04", "urgent": "b60205"}
"""Colours of the labels [hexadecimal]."""

_DESCRIPTION = "Severity assigned by AlertResponder."
_GONE = (404, 410)
_CLOSED = {"state": "closed", "state_reason": "completed"}
_REOPENED = {"state": "open", "state_reason": "reopened"}
_Answer = TypeVar("_Answer")


class _Label(BaseModel):
    name: str


class _User(BaseModel):
    id: int


class _Comment(BaseModel):
    body: str | None = None
    user: _User | None = None


class _Issue(BaseModel):
    number: int
    html_url: str
    state: str
    created_at: AwareDatetime
    labels: tuple[_Label, ...] = ()
    body: str | None = None
    user: _User | None = None


class GithubTracker:
    """See `deliver.Tracker`.

    Parameters
    ----------
    labels
        Names of labels that are known to exist; new ones are added.
    """

    def __init__(self, api: GithubApi, repository: str, labels: set[str]) -> None:
        self._api = api
        self._path = f"/repos/{repository}"
        self._labels = labels

    def find(self, marker: str, since: datetime | None) -> Issue | None:
        """See `deliver.Tracker`; one request for each 100 issues and pull requests."""
        oldest: _Issue | None = None
        filters = {"state": "all", "sort": "created", "direction": "desc", **_since(since)}
        for issue in self._api.pages(_Issue, f"{self._path}/issues", "list issues", filters):
            if since is not None and issue.created_at < since:
                break
            if markers.begins_with(issue.body, marker):
                oldest = issue
        return None if oldest is None else GithubIssue(oldest, self._api, self._path)

    def read(self, number: int) -> Issue | None:
        """See `deliver.Tracker`."""
        issue = _unless(_GONE, partial(self._api.read, _Issue, f"{self._path}/issues/{number}", "read the issue"))
        return None if issue is None else GithubIssue(issue, self._api, self._path)

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """See `deliver.Tracker`."""
        document = {"title": title, "body": body, "labels": list(labels)}
        issue = self._api.write(_Issue, "POST", f"{self._path}/issues", document, "create the issue", once=True)
        return GithubIssue(issue, self._api, self._path)

    def ensure_label(self, name: str, severity: Severity) -> None:
        """See `deliver.Tracker`; a label that is known to exist is not requested again."""
        if name in self._labels:
            return
        path = f"{self._path}/labels"
        read = partial(self._api.read, _Label, f"{path}/{quote(name, safe='')}", "read the label")
        if _unless((404,), read) is None:
            # 422: it was created meanwhile. 403, 404: without the permission, the issue is created without the colour.
            document = {"name": name, "color": COLOURS[severity], "description": _DESCRIPTION}
            create = partial(self._api.write, _Label, "POST", path, document, "create the label")
            _unless((403, 404, 422), create)
        self._labels.add(name)


class GithubIssue:
    """See `deliver.Issue`."""

    def __init__(self, issue: _Issue, api: GithubApi, repository_path: str) -> None:
        self._api = api
        self._path = f"{repository_path}/issues/{issue.number}"
        self._author = issue.user
        self.number: int = issue.number
        self.url: str = issue.html_url
        self.is_open: bool = issue.state == "open"
        self.labels: Sequence[str] = [label.name for label in issue.labels]

    def edit(self, title: str, body: str, labels: Sequence[str], is_open: bool) -> None:
        """See `deliver.Issue`."""
        document: dict[str, object] = {"title": title, "body": body, "labels": list(labels)}
        if is_open != self.is_open:
            document |= _REOPENED if is_open else _CLOSED
        self._api.write(_Issue, "PATCH", self._path, document, "update the issue")
        self.is_open = is_open

    def has_comment(self, marker: str, since: datetime | None) -> bool:
        """See `deliver.Issue`; one request for each 100 comments."""
        comments = self._api.pages(_Comment, f"{self._path}/comments", "list comments", _since(since))
        # Anyone can comment on a public repository, and copy a marker.
        return any(
            markers.begins_with(comment.body, marker) and comment.user == self._author and comment.user is not None
            for comment in comments
        )

    def comment(self, body: str) -> None:
        """See `deliver.Issue`."""
        self._api.write(_Comment, "POST", f"{self._path}/comments", {"body": body}, "write the comment", once=True)


def _since(time: datetime | None) -> dict[str, str]:
    return {} if time is None else {"since": time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _unless(statuses: Sequence[int], call: Callable[[], _Answer]) -> _Answer | None:
    """Make a call; return None if GitHub returns one of these statuses."""
    try:
        return call()
    except RefusedError as error:
        if error.status not in statuses:
            raise
        return None

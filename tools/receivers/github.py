"""An imitation of GitHub's REST API, as far as issues go: https://docs.github.com/en/rest/issues."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

MAX_BODY = 65_536
MAX_TITLE = 256
MAX_LABEL = 50
MAX_LABEL_DESCRIPTION = 100

_DOCUMENTATION = "https://docs.github.com/rest"
_COLOUR = re.compile(r"[0-9a-fA-F]{6}")
_REPOSITORY = "/repos/<owner>/<name>"
_PATHS = Map(
    [
        Rule(f"{_REPOSITORY}/issues", endpoint="issues"),
        Rule(f"{_REPOSITORY}/issues/<int:number>", endpoint="issue"),
        Rule(f"{_REPOSITORY}/issues/<int:number>/comments", endpoint="comments"),
        Rule(f"{_REPOSITORY}/labels", endpoint="labels"),
        Rule(f"{_REPOSITORY}/labels/<label>", endpoint="label"),
        Rule(f"{_REPOSITORY}/installation", endpoint="installation"),
        Rule("/app/installations/<int:installation>/access_tokens", endpoint="access_tokens"),
    ]
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Github:
    """One repository and its access rules.

    Attributes
    ----------
    token
        The accepted token; also given to the installation of a GitHub App.
    app
        The ids of the app and its installation, or None.
    app_key
        Checks an app's JWT and returns its issuer, or None if the JWT is invalid.
    user
        The owner of the token.
    prefix
        Prefix of all paths: `/api/v3` on a GitHub Enterprise server.
    can_write
        False: the token may only read.
    clock
        Returns the current time.
    """

    repository: str = "example/incidents"
    token: str = "github_pat_imitation"  # noqa: S105 - valid for the imitation only
    app: tuple[str, int] | None = None
    app_key: Callable[[str], str | None] = lambda _: None
    user: int = 1
    prefix: str = ""
    can_write: bool = True
    has_issues: bool = True
    clock: Callable[[], datetime] = _now
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    remaining: int = 5_000

    def answer(self, request: Request) -> Response:
        """Answer a request as GitHub does, including errors and their precedence."""
        try:
            return self._route(request)
        except _RefusedError as refused:
            return self._respond(refused.document, refused.status)
        except HTTPException:
            return self._respond({"message": "Not Found", "documentation_url": _DOCUMENTATION}, 404)

    # For tests: actions of another user.

    def add_comment(self, number: int, body: str, user: int = 2) -> None:
        """Write a comment as another user."""
        self._store_comment(self._find(number), body, user)

    def close(self, number: int) -> None:
        """Close an issue as another user."""
        self._find(number).update(state="closed", state_reason="completed", updated_at=_stamp(self.clock()))

    def delete(self, number: int) -> None:
        """Delete an issue."""
        self._find(number)["deleted"] = True

    def _route(self, request: Request) -> Response:
        path = request.path.removeprefix(self.prefix)
        endpoint, matched = _PATHS.bind(request.host).match(path, method="GET")
        values = dict(matched)
        self._count()
        if endpoint in {"installation", "access_tokens"}:
            return self._as_app(request, endpoint, values)
        self._authenticate(request)
        if f"{values.pop('owner')}/{values.pop('name')}".lower() != self.repository.lower():
            raise _RefusedError(404, "Not Found")
        writes = request.method in {"POST", "PATCH", "PUT", "DELETE"}
        if writes and not self.can_write:
            raise _RefusedError(403, "Resource not accessible by personal access token")
        if not self.has_issues and endpoint in {"issues", "issue", "comments"}:
            raise _RefusedError(410, "Issues has been disabled in this repository.")
        document = _document(request) if writes else {}
        act = getattr(self, f"_{request.method.lower()}_{endpoint}", None)
        if act is None:
            raise _RefusedError(404, "Not Found")
        made: Response = act(request, document, **values)
        return made

    # Issues.

    def _get_issues(self, request: Request, _: Mapping[str, Any]) -> Response:
        state = request.args.get("state", "open")
        since = request.args.get("since", "")
        found = [
            issue
            for issue in self.issues
            if not issue.get("deleted") and state in {"all", issue["state"]} and issue["updated_at"] >= since
        ]
        sort = {"created": "created_at", "updated": "updated_at"}.get(request.args.get("sort", "created"), "created_at")
        descending = request.args.get("direction", "desc") == "desc"
        found.sort(key=lambda issue: (issue[sort], issue["number"]), reverse=descending)
        return self._page(request, [self._issue(request, issue) for issue in found])

    def _post_issues(self, request: Request, document: Mapping[str, Any]) -> Response:
        if "title" not in document:
            raise _invalid("Issue", ("title", "missing_field", "title"))
        _check_issue(document)
        number, now = len(self.issues) + 1, _stamp(self.clock())
        issue = {
            "number": number,
            "title": document["title"],
            "body": document.get("body"),
            "labels": self._labels_made(document.get("labels", [])),
            "state": "open",
            "state_reason": None,
            "created_at": now,
            "updated_at": now,
            "user": self.user,
        }
        self.issues.append(issue)
        return self._respond(self._issue(request, issue), 201)

    def _get_issue(self, request: Request, _: Mapping[str, Any], number: int) -> Response:
        return self._respond(self._issue(request, self._find(number)))

    def _patch_issue(self, request: Request, document: Mapping[str, Any], number: int) -> Response:
        issue = self._find(number)
        _check_issue(document)
        changed = {key: document[key] for key in ("title", "body", "state", "state_reason") if key in document}
        if "labels" in document:
            changed["labels"] = self._labels_made(document["labels"])
        if changed.get("state") == "open" and "state_reason" not in changed:
            changed["state_reason"] = "reopened"
        issue.update(changed, updated_at=_stamp(self.clock()))
        return self._respond(self._issue(request, issue))

    # Comments.

    def _get_comments(self, request: Request, _: Mapping[str, Any], number: int) -> Response:
        self._find(number)
        since = request.args.get("since", "")
        found = [one for one in self.comments.get(number, []) if one["updated_at"] >= since]
        return self._page(request, [self._comment(request, number, one) for one in found])

    def _post_comments(self, request: Request, document: Mapping[str, Any], number: int) -> Response:
        issue = self._find(number)
        if issue.get("locked"):
            raise _RefusedError(403, "Unable to create comment because issue is locked.")
        body = document.get("body")
        if not isinstance(body, str) or not body.strip():
            raise _invalid("IssueComment", ("body", "missing_field", "body can't be blank"))
        _check_body(body, "IssueComment")
        stored = self._store_comment(issue, body, self.user)
        return self._respond(self._comment(request, number, stored), 201)

    def _store_comment(self, issue: dict[str, Any], body: str, user: int) -> dict[str, Any]:
        now = _stamp(self.clock())
        every = self.comments.setdefault(issue["number"], [])
        stored = {"id": issue["number"] * 1_000_000 + len(every) + 1, "body": body, "user": user}
        stored |= {"created_at": now, "updated_at": now}
        every.append(stored)
        issue["updated_at"] = now
        return stored

    # Labels.

    def _get_label(self, request: Request, _: Mapping[str, Any], label: str) -> Response:
        found = self.labels.get(label.lower())
        if found is None:
            raise _RefusedError(404, "Not Found")
        return self._respond(self._label(request, found))

    def _post_labels(self, request: Request, document: Mapping[str, Any]) -> Response:
        name, colour = document.get("name"), document.get("color", "ededed")
        if not isinstance(name, str) or not 0 < len(name) <= MAX_LABEL or "," in name:
            raise _invalid("Label", ("name", "invalid", "name is too long (maximum is 50 characters)"))
        if not _COLOUR.fullmatch(str(colour)):
            raise _invalid("Label", ("color", "invalid", "color is not six hexadecimal digits"))
        if len(document.get("description") or "") > MAX_LABEL_DESCRIPTION:
            raise _invalid("Label", ("description", "invalid", "description is too long"))
        if name.lower() in self.labels:
            raise _invalid("Label", ("name", "already_exists", ""))
        self.labels[name.lower()] = {"name": name, "color": colour, "description": document.get("description")}
        return self._respond(self._label(request, self.labels[name.lower()]), 201)

    def _labels_made(self, names: Iterable[Any]) -> list[str]:
        """Return labels by name, and create missing ones."""
        made = []
        for each in names:
            name = each["name"] if isinstance(each, dict) else each
            if not isinstance(name, str) or not 0 < len(name) <= MAX_LABEL:
                raise _invalid("Label", ("name", "invalid", "name is too long (maximum is 50 characters)"))
            label = self.labels.setdefault(name.lower(), {"name": name, "color": "ededed", "description": None})
            made.append(label["name"])
        return made

    # Apps.

    def _as_app(self, request: Request, endpoint: str, values: Mapping[str, Any]) -> Response:
        issuer = self.app_key(_credentials(request))
        if self.app is None or issuer != self.app[0]:
            raise _RefusedError(401, "A JSON web token could not be decoded")
        if endpoint == "installation":
            if f"{values['owner']}/{values['name']}".lower() != self.repository.lower():
                raise _RefusedError(404, "Not Found")
            return self._respond({"id": self.app[1], "app_id": int(self.app[0])})
        if values["installation"] != self.app[1] or request.method != "POST":
            raise _RefusedError(404, "Not Found")
        expires = _stamp(self.clock() + timedelta(hours=1))
        return self._respond({"token": self.token, "expires_at": expires, "permissions": {"issues": "write"}}, 201)

    # Shared by all endpoints.

    def _authenticate(self, request: Request) -> None:
        if not request.headers.get("User-Agent"):
            raise _RefusedError(403, "Missing or invalid User Agent string")
        if _credentials(request) != self.token:
            raise _RefusedError(401, "Bad credentials")

    def _count(self) -> None:
        if self.remaining <= 0:
            raise _RefusedError(403, "API rate limit exceeded for user ID 1.")
        self.remaining -= 1

    def _find(self, number: int) -> dict[str, Any]:
        if not 0 < number <= len(self.issues):
            raise _RefusedError(404, "Not Found")
        issue = self.issues[number - 1]
        if issue.get("deleted"):
            raise _RefusedError(410, "This issue was deleted")
        return issue

    def _respond(self, document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        reset = int((self.clock() + timedelta(hours=1)).timestamp())
        limits = {
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": "core",
        }
        text = json.dumps(document)
        return Response(text, status, {**limits, **(headers or {})}, content_type="application/json; charset=utf-8")

    def _page(self, request: Request, found: list[Any]) -> Response:
        size = min(max(request.args.get("per_page", 30, int), 1), 100)
        page = max(request.args.get("page", 1, int), 1)
        shown = found[(page - 1) * size : page * size]
        if page * size >= len(found):
            return self._respond(shown)
        others = "&".join(f"{key}={value}" for key, value in request.args.items() if key != "page")
        address = f"{request.host_url.rstrip('/')}{request.path}?{others}&page={page + 1}"
        return self._respond(shown, headers={"Link": f'<{address}>; rel="next"'})

    def _issue(self, request: Request, issue: Mapping[str, Any]) -> dict[str, Any]:
        address = f"{self._api(request)}/repos/{self.repository}/issues/{issue['number']}"
        return {
            **issue,
            "id": 1_000 + issue["number"],
            "url": address,
            "comments_url": f"{address}/comments",
            "html_url": f"https://github.com/{self.repository}/issues/{issue['number']}",
            "labels": [self._label(request, self.labels[name.lower()]) for name in issue["labels"]],
            "user": {"id": issue["user"], "login": f"user-{issue['user']}"},
            "comments": len(self.comments.get(issue["number"], [])),
        }

    def _comment(self, request: Request, number: int, comment: Mapping[str, Any]) -> dict[str, Any]:
        address = f"{self._api(request)}/repos/{self.repository}/issues/comments/{comment['id']}"
        page = f"https://github.com/{self.repository}/issues/{number}#issuecomment-{comment['id']}"
        return {
            **comment,
            "url": address,
            "html_url": page,
            "user": {"id": comment["user"], "login": f"user-{comment['user']}"},
        }

    def _label(self, request: Request, label: Mapping[str, Any]) -> dict[str, Any]:
        address = f"{self._api(request)}/repos/{self.repository}/labels/{label['name']}"
        return {**label, "url": address, "default": False}

    def _api(self, request: Request) -> str:
        return f"{request.host_url.rstrip('/')}{self.prefix}"


class _RefusedError(Exception):
    def __init__(self, status: int, message: str, errors: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.document: dict[str, Any] = {"message": message, "documentation_url": _DOCUMENTATION}
        if errors:
            self.document["errors"] = errors


def _invalid(resource: str, *faults: tuple[str, str, str]) -> _RefusedError:
    errors = [
        {"resource": resource, "field": name, "code": code, **({"message": message} if message else {})}
        for name, code, message in faults
    ]
    return _RefusedError(422, "Validation Failed", errors)


def _check_issue(document: Mapping[str, Any]) -> None:
    if "title" in document:
        title = document["title"]
        if not isinstance(title, str) or not title.strip():
            raise _invalid("Issue", ("title", "missing_field", "title can't be blank"))
        if len(title) > MAX_TITLE:
            raise _invalid("Issue", ("title", "custom", "title is too long (maximum is 256 characters)"))
    if document.get("body") is not None:
        _check_body(document["body"], "Issue")
    if document.get("state", "open") not in {"open", "closed"}:
        raise _invalid("Issue", ("state", "invalid", ""))
    if document.get("state_reason") not in {None, "completed", "not_planned", "duplicate", "reopened"}:
        raise _invalid("Issue", ("state_reason", "invalid", ""))


def _check_body(body: Any, resource: str) -> None:
    if not isinstance(body, str):
        raise _RefusedError(422, "Invalid request.\n\nFor 'properties/body', it is not a string.")
    if len(body) > MAX_BODY:
        raise _invalid(resource, ("body", "custom", "body is too long (maximum is 65536 characters)"))


def _credentials(request: Request) -> str:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if kind.lower() in {"token", "bearer"} else ""


def _document(request: Request) -> Mapping[str, Any]:
    try:
        document = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise _RefusedError(400, "Problems parsing JSON") from None
    if not isinstance(document, dict):
        raise _RefusedError(400, "Body should be a JSON object")
    return document


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")

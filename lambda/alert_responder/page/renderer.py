"""Render a page as one HTML document without scripts and external resources."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import Template
from markupsafe import Markup

from alert_responder.domain.sanitize import spell_out
from alert_responder.errors import AlertResponderError
from alert_responder.page.bounds import BOUNDS, MAX_PAGE_BYTES
from alert_responder.page.graph import NODE_HEIGHT, NODE_WIDTH
from alert_responder.page.timeline import HEIGHT, WIDTH
from alert_responder.page.view import Page, view_of

_TEMPLATES = Path(__file__).parent / "templates"


class PageTooLargeError(AlertResponderError):
    """A page is too large even with the narrowest bounds."""


def render(page: Page) -> bytes:
    """Render the page of a report.

    Returns
    -------
    bytes
        UTF-8, at most `MAX_PAGE_BYTES`; the page counts what is left out. Equal reports have equal pages. A page runs
        and loads nothing; its only links are `https` links from plug-ins.

    Raises
    ------
    PageTooLargeError
        The page is too large even with the narrowest bounds.
    """
    documents = (_template().render(view=view_of(page, bounds)).encode() for bounds in BOUNDS)
    fitting = next((document for document in documents if len(document) <= MAX_PAGE_BYTES), None)
    if fitting is None:
        raise PageTooLargeError(f"the page is larger than {MAX_PAGE_BYTES:,} bytes with the narrowest bounds")
    return fitting


def policy(style: str) -> str:
    """Return the Content-Security-Policy of a page, which allows only its own style."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _template() -> Template:
    # Every value that is written goes through `spell_out`, and is escaped after it.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    constants: dict[str, Any] = {
        "style": Markup(style),  # nosec B704 # noqa: S704 - a file of this package
        "policy": policy(style),
        "drawing": {"width": WIDTH, "height": HEIGHT},
        "node": {"width": NODE_WIDTH, "height": NODE_HEIGHT},
    }
    return environment.get_template("page.html.jinja", globals=constants)


def _seen(value: Any) -> Any:
    """Spell out invisible characters, except in markup of the templates."""
    return spell_out(value) if isinstance(value, str) and not isinstance(value, Markup) else value

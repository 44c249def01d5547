"""Parses a page, and asserts that it contains only the tags and attributes that our templates use."""

import re
from html.parser import HTMLParser

TAGS = frozenset(
    """
    html head meta link title style body header main footer section article figure figcaption details
    summary div p h1 h2 h3 h4 ul ol li dl dt dd table thead tbody tr th td span b bdi time code pre a
    svg line rect path text
    """.split()  # noqa: SIM905 - a list of words
)
ATTRIBUTES = frozenset(
    """
    aria-hidden aria-label aria-labelledby charset class content d dir height href http-equiv id lang
    name open preserveaspectratio rel role rx scope tabindex target viewbox width x x1 x2 y y1 y2
    """.split()  # noqa: SIM905 - a list of words
)
_VOID = frozenset({"meta", "link"})
_HREF = re.compile(r"#attribute-[0-9]+|data:,|https://[a-z0-9.-]+\.[a-z0-9-]+([/?#].*)?")
_UNKNOWN_CLASS = re.compile(r"[^a-z0-9 -]")


class PageReader(HTMLParser):
    """Parses a page; an unknown tag or attribute, or an element that is not closed, is an error.

    Attributes
    ----------
    text
        All text outside the head.
    links
        Links to other pages.
    policy
        The Content-Security-Policy.
    style
        The style sheet.
    """

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.links: list[str] = []
        self.policy = self.style = ""
        self.ids: list[str] = []
        self.tags: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check a tag."""
        assert tag in TAGS, f"unknown tag: {tag}"
        self.tags.append(tag)
        found = dict(attrs)
        assert len(found) == len(attrs), f"duplicate attribute: {attrs}"
        assert found.keys() <= ATTRIBUTES, f"unknown attributes: {found}"
        assert not _UNKNOWN_CLASS.search(found.get("class") or ""), found
        if "href" in found:
            assert _HREF.fullmatch(found["href"] or ""), found
            if (found["href"] or "").startswith("https:"):
                assert found["rel"] == "noopener noreferrer nofollow"
                self.links.append(found["href"] or "")
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"] or ""
        if found.get("id"):
            self.ids.append(found["id"] or "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check a tag that closes itself, as in drawings."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that a tag closes the innermost open element."""
        assert self._open, f"no open element: {tag}"
        assert self._open[-1] == tag, f"{tag} closes {self._open[-1]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Collect text."""
        if self._open and self._open[-1] == "style":
            self.style += data
        elif "body" in self._open:
            self.text += data

    def handle_comment(self, data: str) -> None:
        """Refuse a comment."""
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        """Check the doctype."""
        assert decl == "DOCTYPE html"

    def handle_pi(self, data: str) -> None:
        """Refuse a processing instruction."""
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        """Refuse CDATA and the like."""
        raise AssertionError(data)

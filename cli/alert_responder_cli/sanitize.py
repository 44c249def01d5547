"""Make hostile text safe to show: attackers write alerts, and a terminal obeys control characters."""

from alert_responder.domain.invisible_characters import replaced


def plain(value: object, limit: int = 300) -> str:
    r"""Write a value as one line of harmless text of at most `limit` characters.

    Examples
    --------
    >>> plain("one\ntwo \x1b[31mred")
    'one\\ntwo \\x1b[31mred'
    """
    text = value if isinstance(value, str) else str(value)
    shown = replaced(text[: limit + 1], _escaped)
    return shown if len(text) <= limit and len(shown) <= limit else f"{shown[: limit - 1]}…"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

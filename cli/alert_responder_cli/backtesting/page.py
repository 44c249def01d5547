"""The result of a backtest as one self-contained HTML page without scripts."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined

from alert_responder_cli.backtesting.comparison import RATES, Backtest
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count


def backtest_page(found: Backtest) -> str:
    """Render the page. Texts of reports and reviewers are escaped, and their control characters spelled out."""
    environment = Environment(
        loader=PackageLoader("alert_responder_cli.backtesting", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = plain
    style = environment.loader.get_source(environment, "page.css")[0] if environment.loader else ""
    # The content security policy allows nothing but this style, by its hash.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = environment.get_template("page.html")
    return template.render(found=found, style=style, digest=digest, rates=RATES, count=count)

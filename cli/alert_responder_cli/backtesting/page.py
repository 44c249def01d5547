"""What a backtest found as one HTML page that needs nothing else, and in which nothing can run."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined

from alert_responder_cli.backtesting.comparison import RATES, Backtest
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count


def page(found: Backtest) -> str:
    """Write the page. What reports and reviewers say is escaped, and its control characters are spelt out."""
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
    # The policy lets this one style in, by its hash, and nothing else.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = environment.get_template("page.html")
    return template.render(found=found, style=style, digest=digest, rates=RATES, count=count)

"""What clients make a link, a mention or a mail address of, in text that is shown as it is."""

import re

DOTS = ".\u2024\u3002\ufe52\uff0e\uff61"

DOMAIN = re.compile(
    rf"(?i)[\w-][{DOTS}](?:com|net|org|io|zip|md|example)(?![\w.])|\bwww[{DOTS}]\w|(?<![\w.])198\.51\.100\.7(?![\w.])"
)
"""A domain or an address; a few top-level domains stand for all."""

MAIL_OR_NAME = re.compile(rf"(?<!\w)@\S|@[\w-]+[{DOTS}]\w|@[^\w\s]")

"""The report page: one HTML document that is looked at rather than read, made of a report and nothing else.

`view` says what is on it, as values; `rendering` writes these with the templates beside it. Pure, and imported when the
first page is made: Jinja2 comes with it.
"""

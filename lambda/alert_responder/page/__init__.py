"""The report page: one HTML document, made from a report alone.

`view` decides what is on it, as values; `renderer` writes these with the templates in `templates/`. All of it is pure,
and imported when the first page is rendered, because it needs Jinja2.
"""

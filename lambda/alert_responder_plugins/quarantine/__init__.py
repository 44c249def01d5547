"""Quarantine: contains what a report names, and can undo it.

`planning` says what of a report is to be contained, `guards` whether it may be, `actions/` how one kind of thing is
looked at and changed. `containing` and `releasing` do it by the journal, which stores what was before anything is
changed. `approving` knows who a person is, `commands` what one may say.
"""

"""Quarantine: contains what a report names, and can undo it.

`sparing` and `planning` say which targets of a report are proposed, `guards` whether they may be contained, `actions/`
how one kind of thing is looked at and changed. `containing` writes proposals down, `acting` carries them out, and
`releasing` undoes them, by the journal, which stores what was before anything is changed. `tending` is the schedule,
and `watching` notices what others have undone. `approving` knows who a person is, `commands` what a person may say.
"""

"""The emitter `quarantine`: contains the targets that a report names, and can undo it.

`proposals` and `exemptions` select a report's targets, `guards` decide whether they may be contained, and `actions/`
inspect and change each kind of target. `containment` records proposals, `executor` carries them out and `release`
undoes them, by means of the `journal`, which stores the previous state before anything is changed. `housekeeping` runs
on a schedule, and `verification` detects containments that were undone by others. `approval` identifies the signer of
an approval, and `commands` are the operators' commands.
"""

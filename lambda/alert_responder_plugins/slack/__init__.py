"""The emitter `slack`: one message per report, updated in every round.

`channel` and `webhook` are the two receivers, both over `client`; `markup` is the part of `message` that escapes text.
"""

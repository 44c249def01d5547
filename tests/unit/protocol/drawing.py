"""How the machine's examples are drawn: each by itself.

Hypothesis makes most of its examples from earlier ones: it begins with small ones, then lets each new one be followed
by several copies of it that differ in a place or two. A copy of a schedule mostly does the same again: of five examples
one would be new. `ANEW` has it draw each from the start; seeds, shrinking and replay stay hypothesis's own.
"""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

ANEW = "alert-responder-anew"
"""The backend's name, for `hypothesis.settings`."""


class AnewProvider(HypothesisProvider):
    """Draws as hypothesis does; that it is another than hypothesis's own is what keeps the copies away."""


AVAILABLE_PROVIDERS[ANEW] = AnewProvider

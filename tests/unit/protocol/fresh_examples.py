"""A hypothesis backend that draws every example from the start.

Hypothesis makes most examples from earlier ones: it begins with small ones and follows each new one with several copies
that differ in one or two places. A copy of a schedule mostly does the same again: only one of five examples is new.
Seeds, shrinking and replay stay hypothesis's own.
"""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

FRESH = "alert-responder-fresh"
"""The backend's name, for `hypothesis.settings`."""


class FreshProvider(HypothesisProvider):
    """Draws as hypothesis does. Hypothesis makes copies only with its own provider, not with a subclass."""


AVAILABLE_PROVIDERS[FRESH] = FreshProvider

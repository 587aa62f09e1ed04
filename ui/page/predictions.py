"""Predictions: people remember better what they have guessed before they saw it.

GUESSES = predictions(same="nothing changes", shifts="they grow by 100")
guess: str = fields.prediction(GUESSES)  # in the page's state
page.radio("guess", "Predict: ...", labels=GUESSES)
st.markdown("Tried: ..." + feedback(state.guess, found, GUESSES))   # `found` was computed
"""

from __future__ import annotations

from collections.abc import Mapping


def predictions(**answers: str) -> dict[str, str]:
    """The answers to choose from, and the choice of not choosing."""
    return {"unsure": "Skip the prediction", **answers}


def feedback(guess: str, found: str | None, labels: Mapping[str, str]) -> str:
    """What to say about a prediction once the answer is found, to be put behind it.

    Nothing where nobody predicted, or where there is no verdict (`found` is None).

    >>> labels = predictions(same="nothing changes", shifts="they grow")
    >>> [feedback(guess, "same", labels) for guess in ("same", "shifts", "unsure")]
    [' You predicted it.', ' You predicted: they grow.', '']
    """
    if guess == "unsure" or found is None:
        return ""
    return " You predicted it." if guess == found else f" You predicted: {labels[guess]}."

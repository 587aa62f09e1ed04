"""The sentences about freezing, by kind of claim."""

from __future__ import annotations

from collections.abc import Mapping

from ui.page.claims import Words
from ui.questions.freezing.state import GUESSES

_FROZEN = {
    True: "**Frozen.**",
    False: "**Not frozen.**",
    None: "**Frozen or not: cannot tell.**",
}
_WHOSE = {
    "batch": "`fit` normalised with the statistics of the batch",
    "moving": "`fit` normalised with the moving statistics",
    "cannot tell": "whose statistics `fit` normalised with, these data cannot tell",
}
_PREDICTION = {
    True: "You predicted it.",
    False: "Your prediction did not freeze it.",
    None: "These data cannot tell whether your prediction froze it.",
}


def switched(changed: Mapping[str, bool | None], fit: str, frozen: bool | None) -> str:
    """What froze and what did not, in a sentence without marks.

    >>> switched({"gamma": False, "beta": True}, "moving", False)
    'Not frozen: beta changed, gamma did not change; fit normalised with the moving statistics.'
    >>> switched({"gamma": None}, "moving", None)
    'Frozen or not: cannot tell; gamma: cannot tell; fit normalised with the moving statistics.'
    """
    did = {True: " changed", False: " did not change", None: ": cannot tell"}
    parts = [
        f"{' and '.join(names)}{verb}"
        for state, verb in did.items()
        if (names := [name for name, found in changed.items() if found is state])
    ]
    after = ";" if frozen is None else ":"
    verdict = _FROZEN[frozen].strip("*.")
    return f"{verdict}{after} {', '.join(parts)}; {_WHOSE[fit]}.".replace("`", "")


def _judged(known: int, rows: int) -> str:
    if known == rows:
        return f"all {rows} combinations run here"
    return f"the {known} of {rows} combinations run here that can be judged"


def _rule(known: int, rows: int) -> str:
    judged = _judged(known, rows)
    return (
        "**Set `trainable=False`, then compile.** The layer is frozen if and only if "
        "`trainable=False` was set before the last `compile`, or at the latest before the first "
        "`fit` after it; the `training` argument freezes nothing. "
        + (f"So it was in {judged}." if known == rows else f"None of {judged} contradicts it.")
    )


def _way(name: str, moved: Mapping[str, bool | None], fit: str, frozen: bool | None) -> str:
    return f"`{GUESSES[name]}`: {_moved(moved)}; {_WHOSE[fit]}. {_FROZEN[frozen]}"


def _moved(parts: Mapping[str, bool | None]) -> str:
    moved = [name for name, did in parts.items() if did]
    unknown = [name for name, did in parts.items() if did is None]
    if moved:
        return f"{' and '.join(moved)} moved"
    if unknown:
        return f"nothing moved, but {' and '.join(unknown)} would not have moved in any case"
    return "nothing moved"


WORDS: Words = {
    "rule": _rule,
    "no rule": lambda known, rows, wrong: (
        "**There is no simple rule here.** “Frozen if and only if `trainable=False` was set "
        f"before the last `compile`” is wrong in {wrong} of {_judged(known, rows)}."
    ),
    "no rule known": lambda rows: (
        f"**No verdict**: none of the {rows} combinations run here can be judged."
    ),
    "way": _way,
    "prediction": lambda right: _PREDICTION[right],
    "reverse trap": lambda: (
        "The reverse trap: a subclassed model whose `call` does not pass `training` on never "
        "updates its moving statistics in `fit`, although nobody froze them (they stayed, and "
        "`fit` normalised with them)."
    ),
    "cannot tell": lambda: (
        "Where it says “cannot tell”, these data show no difference: the batch has the very "
        "statistics that the layer holds already, or an update is too small for float32. Choose "
        "other data."
    ),
}

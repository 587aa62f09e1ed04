"""What can be read off the numbers of a step: each fact is tried before it is said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bncore.moments import Array
from ui.views.steps import Pass

ROUNDING = 1e-12  # of the largest term of a sum: a few thousand units of float64


def not_finite(whole: Pass) -> str:
    """Why there is nothing to say: a division by zero, or numbers beyond float64."""
    if (whole.values["variance"] + whole.epsilon == 0).any():
        return (
            "Some numbers here are **not finite**: a column of variance 0 is divided by √(0 + ε), "
            "which needs an ε above 0."
        )
    return "Some numbers here are **not finite**: they are beyond float64 (1.8e308)."


def facts(whole: Pass, step: str) -> list[str]:
    """What can be read off the numbers of this step, computed."""
    v = whole.values
    if not np.isfinite(v["dz" if step == "dz" else "output"]).all():
        return [not_finite(whole)] * (step in ("x_hat", "dz"))
    if step == "x_hat":
        means, variances = v["x_hat"].mean(axis=0), v["x_hat"].var(axis=0)
        sentence = f"Column means of x̂: {_row(means)}; column variances: {_row(variances)}"
        if not whole.training:
            return [f"{sentence}."]
        shares = _shares(whole)
        if not (np.abs(variances - shares) <= ROUNDING * (1 + _size(v)) ** 2).all():
            return [f"{sentence}."]
        below = f" (below 1 by at most {1 - shares.min():.2g})" if whole.epsilon else ""
        return [f"{sentence}, which is σ²/(σ²+ε){below}."]
    if step == "dy":
        flat = int(((v["da"] != 0) & (v["dy"] == 0)).sum())
        return [f"{flat} of the {v['dy'].size} gradients end at a flat activation."] * bool(flat)
    return _gradient_facts(whole) if step == "dz" else []


def _shares(whole: Pass) -> Array:
    """σ²/(σ²+ε) of every column: what is left of a variance of 1."""
    variance = whole.values["variance"]
    return np.asarray(variance / (variance + whole.epsilon))


def _size(v: Mapping[str, Array]) -> Array:
    """Of every column, the largest number before its mean is taken away, in deviations.

    What rounding takes from x̂ is a share of this.
    """
    return np.asarray(np.abs(v["z"]).max(axis=0) * v["inv_std"])


def reached(whole: Pass) -> tuple[int, int]:
    """How many numbers of z have a gradient: directly, and in the end.

    The three terms cancel up to rounding: what is left counts from ``ROUNDING`` of them on.
    """
    v = whole.values
    terms = np.maximum.reduce([np.abs(v[name]) for name in TERMS])
    return int((v["direct"] != 0).sum()), int((np.abs(v["dz"]) > ROUNDING * terms).sum())


TERMS = ("direct", "through_mean", "through_variance")


def _gradient_facts(whole: Pass) -> list[str]:
    """What the gradient of z sums to, and how far it reaches."""
    v = whole.values
    direct, touched = reached(whole)
    sentences = [f"Numbers of z with a gradient: {direct} directly, {touched} in the end."]
    if not whole.training or not direct:
        return sentences
    sentences.append(_sums(whole))
    if v["dy"].any() and np.ptp(v["dy"], axis=0).max() == 0:
        sentences.append(
            "The same gradient arrives in every row: that asks for a shift of the column and "
            f"nothing else, so the gradient of z is at most {np.abs(v['dz']).max():.2g}."
        )
    return sentences


def _sums(whole: Pass) -> str:
    """What the columns of the gradient of z sum to, by themselves and with x̂.

    sum(dz) = 0,   sum(dz * x_hat) = gamma / sqrt(v + eps) * dgamma * eps / (v + eps)
    """
    v = whole.values
    terms = np.maximum.reduce([np.abs(v[name]) for name in TERMS])
    sums, along = v["dz"].sum(axis=0), (v["dz"] * v["x_hat"]).sum(axis=0)
    directly = (v["direct"] * v["x_hat"]).sum(axis=0)
    kept = 1 - _shares(whole)
    most = ROUNDING * terms.max(axis=0) * len(terms) * (1 + _size(v))
    largest = np.abs(sums).max()
    if (np.abs(sums) > most).any():
        first = f"A column of the gradient sums to {largest:.2g}: more than rounding, though to "
    else:
        first = f"Every column of the gradient sums to 0 (here {largest:.2g}, rounding), since to "
    first += "shift a column of z changes nothing."
    if (np.abs(along - kept * directly) > most * np.abs(v["x_hat"]).max(axis=0)).any():
        return f"{first} Its sum with x̂ is {np.abs(along).max():.2g}."
    return (
        f"{first} Its sum with x̂ would be 0 for ε = 0, since then to stretch the column changed "
        f"nothing either: here it is {np.abs(along).max():.2g} at most, the share ε/(σ²+ε) of "
        f"what goes in directly, at most {kept.max():.2g}."
    )


def _row(values: Array) -> str:
    return ", ".join(f"{value:.4f}" for value in np.round(values, 4) + 0.0)

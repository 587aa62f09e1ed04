"""What can be read off the numbers of a step: each claim is tried before it is made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from bncore.moments import Array
from ui.page.claims import Claim, claim
from ui.questions.steps.state import Pass

ROUNDING = 1e-12  # of the largest term of a sum: a few thousand units of float64
TERMS = ("direct", "through_mean", "through_variance")


def not_finite(divided: Array, mode: str | None = None) -> Claim:
    """Why there is nothing to say: a division by zero, or numbers beyond float64.

    divided: what stands under the root, σ² + ε. mode: where the numbers are that are not shown.
    """
    return claim("beyond float64" if np.all(divided) else "division by 0", mode=mode)


def claims(whole: Pass, step: str) -> list[Claim]:
    """What can be read off the numbers of this step, computed."""
    v = whole.values
    last = v["dz" if step == "dz" else "output"]
    if not (np.isfinite(last).all() and np.isfinite(v["variance"]).all()):
        return [not_finite(v["variance"] + whole.epsilon)] * (step in ("x_hat", "dz"))
    if step == "x_hat":
        return list(_normalised(whole))
    if step == "dy":
        flat = int(((v["da"] != 0) & (v["dy"] == 0)).sum())
        return [claim("flat", flat=flat, count=v["dy"].size)] * bool(flat)
    return list(_gradient(whole)) if step == "dz" else []


def _normalised(whole: Pass) -> Iterator[Claim]:
    """Mean and variance of the columns of x̂, and whether the variances are what they should be."""
    v = whole.values
    means, variances = v["x_hat"].mean(axis=0), v["x_hat"].var(axis=0)
    missing = epsilon_share(whole)
    close = np.abs(variances - (1 - missing)) <= ROUNDING * (1 + _size(v)) ** 2
    if not (whole.training and close.all()):
        yield claim("normalised", means=means, variances=variances)
    else:
        below = float(missing.max()) if whole.epsilon else None
        yield claim("normalised to", means=means, variances=variances, below=below)


def epsilon_share(whole: Pass) -> Array:
    """ε/(σ²+ε) of every column: what is missing of a variance of 1."""
    return np.asarray(whole.epsilon / (whole.values["variance"] + whole.epsilon))


def _size(v: Mapping[str, Array]) -> Array:
    """Of every column, the largest number before its mean is taken away, in deviations.

    What rounding takes from x̂ is a share of this, and of the smallest normal number at least.
    """
    largest = np.maximum(np.abs(v["z"]).max(axis=0), np.finfo(float).tiny)
    return np.asarray(largest * v["inv_std"])


def _largest_term(v: Mapping[str, Array]) -> Array:
    return np.asarray(np.maximum.reduce([np.abs(v[name]) for name in TERMS]))


def reached(whole: Pass) -> tuple[int, int]:
    """How many numbers of z have a gradient: directly, and in the end.

    The three terms cancel up to rounding: what is left counts from ``ROUNDING`` of them on.
    """
    v = whole.values
    direct, beyond = v["direct"] != 0, np.abs(v["dz"]) > _rounding(whole)
    return int(direct.sum()), int(beyond.sum())


def _rounding(whole: Pass) -> Array:
    """What rounding may leave where the terms of the gradient of z cancel."""
    v = whole.values
    if not whole.training:
        return np.zeros(v["dz"].shape)
    return np.asarray(ROUNDING * _largest_term(v).max(axis=0) * (1 + _size(v)))


def _gradient(whole: Pass) -> Iterator[Claim]:
    """What the gradient of z sums to, and how far it reaches."""
    v = whole.values
    direct, touched = reached(whole)
    blurred = int(((v["dz"] != 0) & (np.abs(v["dz"]) <= _rounding(whole))).sum())
    yield claim("gradients", direct=direct, touched=touched, blurred=blurred)
    if not whole.training or not direct:
        return
    yield _sums(whole)
    if v["dy"].any() and np.ptp(v["dy"], axis=0).max() == 0:
        yield claim("same in every row", largest=float(np.abs(v["dz"]).max()))


def _sums(whole: Pass) -> Claim:
    """What the columns of the gradient of z sum to, by themselves and with x̂.

    sum(dz) = 0,   sum(dz * x_hat) = gamma / sqrt(v + eps) * dgamma * eps / (v + eps)
    """
    v, kept = whole.values, epsilon_share(whole)
    sums, along = v["dz"].sum(axis=0), (v["dz"] * v["x_hat"]).sum(axis=0)
    directly = (v["direct"] * v["x_hat"]).sum(axis=0)
    unit, size = ROUNDING * _largest_term(v).max(axis=0) * len(v["dz"]), _size(v)
    zero = bool((np.abs(sums) <= unit * (1 + size)).all())
    most = unit * (np.abs(v["x_hat"]).max(axis=0) * (1 + size) + size)
    off = np.abs(along - kept * directly) > most
    return claim(
        "column sums",
        largest=float(np.abs(sums).max()),
        zero=zero,
        along=float(np.abs(along).max()),
        share=None if off.any() else float(kept.max()),
    )

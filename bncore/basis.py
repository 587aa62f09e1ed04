"""What the numbers of each convention rest on: a live layer, recorded runs, or the engine alone."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.conventions import CONVENTIONS
from bncore.frameworks import FRAMEWORKS, installed
from bncore.records import recorded


@dataclass(frozen=True)
class Basis:
    """What stands behind one convention.

    ``packages``: with which its layer can be run live, where they are installed. ``live``: their
    versions here; empty where one is missing. ``recorded``: the recorded cases with their ranks,
    all made with ``version``. Ranks that no case has are the engine's alone.
    """

    name: str
    packages: tuple[str, ...]
    live: str
    recorded: tuple[tuple[str, int], ...]
    version: str

    @property
    def kind(self) -> str:
        """The strongest of the three.

        >>> basis("keras-2.2.4").kind, basis("mxnet").kind
        ('recorded', 'engine only')
        """
        return "can run live" if self.live else "recorded" if self.recorded else "engine only"

    @property
    def cases(self) -> str:
        """The recorded cases in words.

        >>> basis("keras-2.2.4").cases, basis("mxnet").cases
        ('question (rank 2), minibatches (rank 2), images (rank 4)', '')
        """
        return ", ".join(f"{case} (rank {rank})" for case, rank in self.recorded)


def basis(name: str) -> Basis:
    """What this convention's numbers rest on, read off the records and what is installed."""
    records = [record for record in recorded() if record.convention == name]
    framework = FRAMEWORKS.get(name)
    return Basis(
        name,
        framework.packages if framework else (),
        installed(name),
        tuple((record.case.name, record.case.batches[0].ndim) for record in records),
        "; ".join(dict.fromkeys(record.version for record in records)),
    )


def everything() -> tuple[Basis, ...]:
    """All conventions, in their order.

    >>> len(everything()) == len(CONVENTIONS)
    True
    """
    return tuple(basis(name) for name in CONVENTIONS)
